import { describe, expect } from 'vitest'
import { ask, rowsOf } from '../../../support/ask.ts'
import { test } from '../../../support/harness.ts'

describe('job_with_key', () => {
  test('is the one that has not ended, or whose key stays taken until it is pruned', async ({ harness }) => {
    const [queue, other] = [await harness.queue(), await harness.queue()]
    await harness.update('queue', other, { dedupe_until: 'pruned' })
    const holder = async (queue: string) => (await rowsOf(harness, 'job_with_key', { queue, dedupe_key: 'k' }))[0].id
    const job = await ask(harness, 'enqueue', { queue, dedupe_key: 'k' })
    const kept = await ask(harness, 'enqueue', { queue: other, dedupe_key: 'k' })

    expect([await holder(queue), await holder(other)]).toEqual([job, kept])

    await harness.update('job', job, { status: 'success' })
    await harness.update('job', kept, { status: 'success' })
    expect([await holder(queue), await holder(other)]).toEqual([null, kept])
  })

  test('is found by index, whatever else the queue has', async ({ harness }) => {
    const queue = await harness.queue()
    await harness.db.query(
      `insert into supaqueue.job (queue, status, dedupe_key) select $1, 'success', 'k' from generate_series(1, 20000)`,
      [queue],
    )
    await ask(harness, 'enqueue', { queue, dedupe_key: 'k' })
    const sql = `select supaqueue_internal.job_with_key($1, 'k')`
    await harness.pagesRead(sql, [queue])

    expect(await harness.pagesRead(sql, [queue])).toBeLessThan(20)
  })
})
