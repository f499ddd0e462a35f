import { expect } from 'vitest'
import { failedJob } from '../../../support/failures.ts'
import { test } from '../../../support/own.ts'
import { retryWhere } from './bulk.ts'

test('forgets what was done a week ago, the oldest first, and no more than was asked for', async ({ harness }) => {
  const queue = await harness.queue()
  for (let n = 0; n < 3; n++) {
    await failedJob(harness, queue)
    await retryWhere(harness, { queue })
  }
  await harness.db.query(`update supaqueue.bulk_action set at = now() - interval '8 days' + id * interval '1 second'
    where id < (select max(id) from supaqueue.bulk_action)`)
  const prune = async (most: number) =>
    (await harness.db.query('select supaqueue_internal.prune_bulk_actions($1) as pruned', [most])).rows[0].pruned

  expect(await prune(1)).toBe(1)
  expect(await prune(100)).toBe(1)
  expect(await prune(100)).toBe(0)
  expect((await harness.db.query('select from supaqueue.bulk_action')).rowCount).toBe(1)
})
