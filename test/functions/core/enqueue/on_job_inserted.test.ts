import { randomUUID } from 'node:crypto'
import { describe, expect } from 'vitest'
import { refusal } from '../../../support/refusal.ts'
import { test } from '../../../support/house.ts'

const longAgo = new Date(0)

describe('a job that is inserted', () => {
  test('with a null status is held', async ({ house }) => {
    const queue = await house.queue({ workers: 1 })

    const job = await house.job(queue, { status: null })

    expect((await house.jobRow(job)).status).toBe('held')
  })

  test('as in progress is refused, also in a transaction that paired', async ({ house }) => {
    const queue = await house.queue({ workers: 1 })
    await house.turn(randomUUID(), queue)
    const refused = { code: 'SQ409', hint: expect.stringContaining('Write the status pending') }

    expect(await refusal(house.job(queue, { status: 'in_progress' }))).toMatchObject(refused)
    const work = house.transaction(async () => {
      await house.job(queue)
      expect(await house.processJobs(queue)).toBe(1)
      await house.job(queue, { status: 'in_progress' })
    })
    expect(await refusal(work)).toMatchObject(refused)
  })

  test.for(['success', 'failed', 'cancelled'])('as %s has finished, now or when it says', async (status, { house }) => {
    const queue = await house.queue()

    const now = await house.job(queue, { status })
    const { rows: [then] } = await house.db.query(
      'insert into supaqueue.job (queue, status, finished_at) values ($1, $2, $3) returning finished_at',
      [queue, status, longAgo],
    )

    expect(Date.now() - (await house.jobRow(now)).finished_at.getTime()).toBeLessThan(60_000)
    expect(then.finished_at).toEqual(longAgo)
  })

  test.for(['pending', 'held', null])('as %s has not finished, whatever it says', async (status, { house }) => {
    const queue = await house.queue()

    const { rows: [job] } = await house.db.query(
      'insert into supaqueue.job (queue, status, finished_at) values ($1, $2, $3) returning finished_at',
      [queue, status, longAgo],
    )

    expect(job.finished_at).toBe(null)
  })

  test.for(
    [
      ['a dedupe_key', { dedupe_key: 'k'.repeat(1001) }],
      ['a concurrency_key', { concurrency_key: 'k'.repeat(1001) }],
      ['a url', { url: 'https://elsewhere.example.com/' }],
      ['a method', { method: 'TRACE' }],
      ['headers', { headers: JSON.stringify({ 'x-key': 'vault:theirs' }) }],
      ['a query', { query: '[]' }],
      ['timeout_ms', { timeout_ms: 0 }],
      ['max_attempts', { max_attempts: 0 }],
      ['retry_base_ms', { retry_base_ms: -1 }],
      ['retry_max_ms', { retry_max_ms: -1 }],
    ] as const,
  )('with %s that cannot be is refused', async ([, column], { house }) => {
    const queue = await house.queue()
    const [name, value] = Object.entries(column)[0]!

    const insert = house.db.query(`insert into supaqueue.job (queue, ${name}) values ($1, $2)`, [queue, value])

    expect(await refusal(insert)).toMatchObject({ code: 'SQ422' })
  })
})
