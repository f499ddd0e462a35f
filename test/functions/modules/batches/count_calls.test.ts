import { describe, expect } from 'vitest'
import { test } from '../../../support/harness.ts'

describe('count_calls', () => {
  test('counts a batch as one, and a job without one as one', async ({ harness }) => {
    const count = async (queues: string[]) =>
      (await harness.db.query(
        `select supaqueue_internal.count_calls(array(select id from supaqueue.current_job where queue = any ($1))) as calls`,
        [queues],
      )).rows[0].calls
    const batches = await harness.queue({ workers: 3, batch_size: 2 })
    await harness.jobs(batches, 5)
    const singles = await harness.queue({ workers: 3 })
    await harness.jobs(singles, 2)

    expect(await count([batches])).toBe(3)
    expect(await count([singles, batches])).toBe(5)
    expect(await count([])).toBe(0)
  })
})
