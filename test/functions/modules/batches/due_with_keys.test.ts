import { describe, expect } from 'vitest'
import { test } from '../../../support/harness.ts'

describe('due_with_keys', () => {
  test('finds jobs of the same keys, a batch of each, and leaves those that are planned or held by others', async ({ harness, another }) => {
    const queue = await harness.queue({ batch_size: 2, batch_by: 'key' })
    const job = async (concurrency_key?: string, due = '0 seconds') =>
      await harness.job(queue, concurrency_key ? { concurrency_key, due } : { due })
    const [a, b] = [await job('a'), await job('b')]
    await job()
    await job('c')
    await job('a', '1 hour')
    const [a2, b2, a3] = [await job('a'), await job('b'), await job('a')]
    await job('a')
    const look = async (locking: boolean) =>
      (await harness.db.query(
        `select supaqueue_internal.due_with_keys(queue, clock_timestamp(), $2, $3, null) as jobs
         from supaqueue.queue where id = $1`,
        [queue, [a, b], locking],
      )).rows[0].jobs.map(Number).sort()

    expect(await look(false)).toEqual([a2, b2, a3])

    const other = await another()
    await other.begin()
    await other.hold('job', a2)
    await harness.begin()
    await harness.impatient()
    expect(await look(true)).toEqual([b2, a3])
    await harness.rollback()
    await other.rollback()
  })
})
