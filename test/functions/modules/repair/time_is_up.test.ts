import { expect } from 'vitest'
import { test } from '../../../support/own.ts'

test('time is up after a second, and after ten where a row has waited for a lock', async ({ harness }) => {
  const isUp = async (ago: string) =>
    (await harness.db.query('select supaqueue_internal.time_is_up(clock_timestamp() - $1::interval) as up', [ago]))
      .rows[0].up

  expect([await isUp('-1 hour'), await isUp('1.1 seconds')]).toEqual([false, true])
  await harness.begin()
  await harness.db.query(`set local lock_timeout = '20ms'`)
  // An hour ahead in place of now: no machine is so slow.
  expect([await isUp('-1 hour'), await isUp('11 seconds')]).toEqual([false, true])
  await harness.rollback()
})
