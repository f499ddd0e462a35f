import { expect } from 'vitest'
import { test } from '../../../support/harness.ts'

test('is known from the first row on that could not have a lock in time, up to the end of the transaction', async ({ harness }) => {
  const queue = await harness.queue()
  const known = async () => (await harness.db.query('select supaqueue_internal.lock_timed_out() as it')).rows[0].it
  const putAside = (code: string) =>
    harness.db.query(`select supaqueue_internal.put_aside('heartbeat', $1::uuid::text, $2, 'reason', queue => $1)`, [
      queue,
      code,
    ])

  await harness.begin()
  await harness.db.query(`set local supaqueue.own_commit = 'yes'`)
  await putAside('23514')
  const afterAnother = await known()
  await putAside('55P03')
  const afterALock = await known()
  await harness.rollback()

  expect([afterAnother, afterALock, await known()]).toEqual([false, true, false])
})
