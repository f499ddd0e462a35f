import { describe, expect } from 'vitest'
import { test } from '../../../support/harness.ts'

describe('call_timeout_ms', () => {
  test.for(
    [
      ["the queue's", 1, [undefined], [5000]],
      ["the job's", 1, [9000], [9000]],
      ['the longest of a batch', 3, [undefined, 9000, 100], [9000, 9000, 9000]],
      ["the queue's where that is longer", 2, [100, undefined], [5000, 5000]],
    ] as const,
  )('is %s', async ([, batch_size, timeouts, expected], { harness }) => {
    const queue = await harness.queue({ workers: 1, batch_size, timeout_ms: 5000 })
    await harness.begin()
    for (const timeout_ms of timeouts) await harness.job(queue, timeout_ms === undefined ? {} : { timeout_ms })
    await harness.commit()

    const { rows } = await harness.db.query(
      `select supaqueue_internal.call_timeout_ms(held, home) as ms
       from supaqueue.current_job as held join supaqueue.queue as home on home.id = held.queue
       where home.id = $1 order by held.job`,
      [queue],
    )
    expect(rows.map(({ ms }) => ms)).toEqual(expected)
  })
})
