import { describe, expect } from 'vitest'
import { ask, rowsOf } from '../../../support/ask.ts'
import { test } from '../../../support/house.ts'

describe('job_with_key', () => {
  test('is the one that has not ended, or whose key stays taken until it is pruned', async ({ house }) => {
    const [queue, other] = [await house.queue(), await house.queue()]
    await house.update('queue', other, { dedupe_until: 'pruned' })
    const holder = async (queue: string) => (await rowsOf(house, 'job_with_key', { queue, dedupe_key: 'k' }))[0].id
    const job = await ask(house, 'enqueue', { queue, dedupe_key: 'k' })
    const kept = await ask(house, 'enqueue', { queue: other, dedupe_key: 'k' })

    expect([await holder(queue), await holder(other)]).toEqual([job, kept])

    await house.update('job', job, { status: 'success' })
    await house.update('job', kept, { status: 'success' })
    expect([await holder(queue), await holder(other)]).toEqual([null, kept])
  })

  test('is found by index, whatever else the queue has', async ({ house }) => {
    const queue = await house.queue()
    await house.db.query(
      `insert into supaqueue.job (queue, status, dedupe_key) select $1, 'success', 'k' from generate_series(1, 20000)`,
      [queue],
    )
    await ask(house, 'enqueue', { queue, dedupe_key: 'k' })
    const sql = `select supaqueue_internal.job_with_key($1, 'k')`
    await house.pagesRead(sql, [queue])

    expect(await house.pagesRead(sql, [queue])).toBeLessThan(20)
  })
})
