import { randomUUID } from 'node:crypto'
import { describe, expect } from 'vitest'
import { test } from '../../../support/harness.ts'
import { refusal } from '../../../support/refusal.ts'

describe('set_max_rps', () => {
  test('limits one queue, by its name or id, until it is taken away', async ({ harness }) => {
    const run = randomUUID()
    const queue = await harness.queue({ workers: 9, name: `mail ${run}` })
    await harness.turn(run, queue)
    await harness.jobs(queue, 9)

    await harness.db.query('select supaqueue.set_max_rps($1, 0.001)', [`mail ${run}`])
    const limited = await harness.take(run, queue)
    await harness.db.query('select supaqueue.set_max_rps($1, null)', [queue])
    const free = await harness.take(run, queue)

    expect([limited.length, free.length]).toEqual([1, 8])
    expect((await harness.db.query('select from supaqueue.rate_limit where name = $1', [queue])).rowCount).toBe(0)
  })

  test('of a queue that is not there is refused', async ({ harness }) => {
    for (const name of ['nobody', null]) {
      expect(await refusal(harness.db.query('select supaqueue.set_max_rps($1, 1)', [name]))).toMatchObject({
        code: 'SQ404',
        hint: expect.stringContaining('supaqueue.queue'),
      })
    }
  })

  test('of no sense leaves what was', async ({ harness }) => {
    const queue = await harness.queue()

    expect(await refusal(harness.db.query('select supaqueue.set_max_rps($1, 0)', [queue]))).toMatchObject({
      code: 'SQ422',
    })
    expect((await harness.db.query('select rate_limit from supaqueue.queue where id = $1', [queue])).rows[0].rate_limit)
      .toBe(null)
  })
})
