import { expect } from 'vitest'
import { test } from '../../../support/harness.ts'
import { begin, filled } from './backfilled.ts'

test('cancel_backfill says whether that changed anything', async ({ another }) => {
  const owner = await another('owner')
  const id = await begin(owner, await filled(owner, 1))
  const call = async () =>
    (await owner.db.query('select supaqueue.cancel_backfill($1) as changed', [id])).rows[0].changed

  expect([await call(), await call()]).toEqual([true, false])
  expect((await owner.db.query('select status from supaqueue.backfill where id = $1', [id])).rows).toEqual([{
    status: 'cancelled',
  }])
})
