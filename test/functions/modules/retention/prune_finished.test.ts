import { describe, expect } from 'vitest'
import { test } from '../../../support/harness.ts'

describe('prune_finished', () => {
  test('deletes in ten batches of as many as asked for, and says how many', async ({ harness }) => {
    const queue = await harness.queue()
    await harness.db.query(
      `insert into supaqueue.job (queue, status, finished_at)
      select $1, 'success', now() - interval '8 days' from generate_series(1, 25)`,
      [queue],
    )

    const pruned = async (most: number) =>
      (await harness.db.query('select supaqueue_internal.prune_finished($1) as pruned', [most])).rows[0].pruned

    expect([await pruned(0), await pruned(2), await pruned(2)]).toEqual([0, 20, 5])
  })
})
