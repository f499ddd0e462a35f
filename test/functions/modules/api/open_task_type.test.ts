import { randomUUID } from 'node:crypto'
import { describe, expect } from 'vitest'
import { rowsOf } from '../../../support/ask.ts'
import { type Harness, test } from '../../../support/harness.ts'
import { refusal } from '../../../support/refusal.ts'

const open = async (
  harness: Harness,
  name: string,
  hosts: string[],
  may_open = true,
) => {
  const { rows } = await harness.db.query(
    'select * from supaqueue_internal.open_task_type($1, $2, $3)',
    [name, hosts, may_open],
  )
  return rows[0]
}

describe('open_task_type', () => {
  test('makes a queue of 10 workers, 3 retries and 5 seconds, whose own url leads nowhere', async ({ harness }) => {
    const queue = await open(harness, randomUUID(), ['api.example.com'])

    expect(queue).toMatchObject({
      url: 'http://tasks.invalid/',
      max_attempts: 4,
      timeout_ms: 5000,
      allowed_hosts: ['api.example.com'],
    })
    const { rows } = await harness.db.query(
      'select count(*) as workers from supaqueue.worker where queue = $1',
      [queue.id],
    )
    expect(rows).toEqual([{ workers: 10 }])
  })

  test('makes it once, and adds hosts that it does not have', async ({ harness }) => {
    const name = randomUUID()
    const first = await open(harness, name, ['a.example.com'])
    const second = await open(harness, name, ['b.example.com', 'a.example.com'])

    expect(second.id).toBe(first.id)
    expect(second.allowed_hosts).toEqual(['a.example.com', 'b.example.com'])
  })

  test('never touches the hosts of a queue that somebody else made', async ({ harness }) => {
    const name = randomUUID()
    await harness.queue({ name, url: 'https://api.example.com/' })

    expect((await open(harness, name, ['evil.example.com'])).allowed_hosts)
      .toEqual([])
  })

  test('makes nothing for a caller who may not', async ({ harness }) => {
    const name = randomUUID()

    expect(await refusal(open(harness, name, [], false))).toMatchObject({
      code: 'SQ403',
      hint: expect.stringContaining('scope control'),
    })
    await open(harness, name, ['a.example.com'])
    expect(await refusal(open(harness, name, ['b.example.com'], false))).toMatchObject({
      code: 'SQ403',
      hint: expect.stringContaining('scope control'),
    })
    expect((await open(harness, name, ['a.example.com'], false)).allowed_hosts).toEqual(['a.example.com'])
  })

  test('refuses more than ten thousand hosts', async ({ harness }) => {
    const hosts = Array.from({ length: 10_001 }, (_, i) => `${i}.example.com`)
    const name = randomUUID()
    await open(harness, name, [])

    expect((await refusal(open(harness, name, hosts))).code).toBe('SQ409')
    expect(
      (await rowsOf(harness, 'find_queue', { queue: name }))[0].allowed_hosts,
    ).toEqual([])
  })

  test('makes one queue when two callers name a task type at the same moment', async ({ harness, another }) => {
    const name = randomUUID()
    const other = await another()
    await harness.db.query('begin')
    const first = await open(harness, name, ['a.example.com'])
    const second = open(other, name, ['b.example.com'])
    await harness.db.query('commit')

    expect((await second).id).toBe(first.id)
  })
})
