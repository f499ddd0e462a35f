import { expect } from 'vitest'
import { test } from '../../../support/own.ts'

test('forgets a wake-up that nobody has asked about within a quarter of an hour, and no younger one', async ({ harness }) => {
  await harness.db.query(
    `insert into supaqueue.wake_up (request, queue, posted_at)
     select n, gen_random_uuid(), clock_timestamp() - n * interval '1 minute' from generate_series(14, 16) as n`,
  )
  await harness.sweep()

  expect((await harness.db.query('select request from supaqueue.wake_up order by request')).rows)
    .toEqual([{ request: 14 }])
})
