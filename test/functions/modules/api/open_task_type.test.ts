import { randomUUID } from 'node:crypto'
import { describe, expect } from 'vitest'
import { rowsOf } from '../../../support/ask.ts'
import { type House, test } from '../../../support/house.ts'
import { refusal } from '../../../support/refusal.ts'

const open = async (
  house: House,
  name: string,
  hosts: string[],
  may_open = true,
) => {
  const { rows } = await house.db.query(
    'select * from supaqueue_internal.open_task_type($1, $2, $3)',
    [name, hosts, may_open],
  )
  return rows[0]
}

describe('open_task_type', () => {
  test('makes a queue of 10 workers, 3 retries and 5 seconds, whose own url leads nowhere', async ({ house }) => {
    const queue = await open(house, randomUUID(), ['api.example.com'])

    expect(queue).toMatchObject({
      url: 'http://tasks.invalid/',
      max_attempts: 4,
      timeout_ms: 5000,
      allowed_hosts: ['api.example.com'],
    })
    const { rows } = await house.db.query(
      'select count(*) as workers from supaqueue.worker where queue = $1',
      [queue.id],
    )
    expect(rows).toEqual([{ workers: 10 }])
  })

  test('makes it once, and adds hosts that it does not have', async ({ house }) => {
    const name = randomUUID()
    const first = await open(house, name, ['a.example.com'])
    const second = await open(house, name, ['b.example.com', 'a.example.com'])

    expect(second.id).toBe(first.id)
    expect(second.allowed_hosts).toEqual(['a.example.com', 'b.example.com'])
  })

  test('never touches the hosts of a queue that somebody else made', async ({ house }) => {
    const name = randomUUID()
    await house.queue({ name, url: 'https://api.example.com/' })

    expect((await open(house, name, ['evil.example.com'])).allowed_hosts)
      .toEqual([])
  })

  test('makes nothing for a caller who may not', async ({ house }) => {
    const name = randomUUID()

    expect(await refusal(open(house, name, [], false))).toMatchObject({
      code: 'SQ403',
      hint: expect.stringContaining('scope control'),
    })
    await open(house, name, ['a.example.com'])
    expect(await refusal(open(house, name, ['b.example.com'], false))).toMatchObject({
      code: 'SQ403',
      hint: expect.stringContaining('scope control'),
    })
    expect((await open(house, name, ['a.example.com'], false)).allowed_hosts).toEqual(['a.example.com'])
  })

  test('refuses more than ten thousand hosts', async ({ house }) => {
    const hosts = Array.from({ length: 10_001 }, (_, i) => `${i}.example.com`)
    const name = randomUUID()
    await open(house, name, [])

    expect((await refusal(open(house, name, hosts))).code).toBe('SQ409')
    expect(
      (await rowsOf(house, 'find_queue', { queue: name }))[0].allowed_hosts,
    ).toEqual([])
  })

  test('makes one queue when two callers name a task type at the same moment', async ({ house, another }) => {
    const name = randomUUID()
    const other = await another()
    await house.db.query('begin')
    const first = await open(house, name, ['a.example.com'])
    const second = open(other, name, ['b.example.com'])
    await house.db.query('commit')

    expect((await second).id).toBe(first.id)
  })
})
