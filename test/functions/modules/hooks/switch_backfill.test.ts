import { expect } from 'vitest'
import { test } from '../../../support/harness.ts'
import { begin, filled } from './backfilled.ts'

test('switch_backfill leaves alone what is done, and forgets how often it failed', async ({ another }) => {
  const owner = await another('owner')
  const id = await begin(owner, await filled(owner, 1))
  const call = async (status: string) =>
    (await owner.db.query('select supaqueue_internal.switch_backfill($1, $2) as changed', [id, status])).rows[0].changed
  await owner.db.query(
    `update supaqueue.backfill set failures = 5, next_try_at = now() + interval '5 min' where id = $1`,
    [id],
  )

  expect(await call('cancelled')).toBe(true)
  expect(await call('running')).toBe(true)
  expect(
    (await owner.db.query(`select failures, next_try_at < now() as at_once from supaqueue.backfill where id = $1`, [
      id,
    ])).rows,
  )
    .toEqual([{ failures: 0, at_once: true }])
  await owner.db.query(`update supaqueue.backfill set status = 'done', finished_at = now() where id = $1`, [id])
  expect(await call('running')).toBe(false)
})
