import { expect } from 'vitest'
import { test } from '../../../support/house.ts'
import { begin, filled } from './backfilled.ts'

test('backfill_slice looks at so many rows, whether the condition takes them or not, and says which was the last', async ({ another }) => {
  const owner = await another('owner')
  const photos = await filled(owner, 10)
  const id = await begin(owner, photos, `, 'new.id % 2 = 1'`)
  await owner.db.query(`update supaqueue.backfill set after = '{1}' where id = $1`, [id])
  const slice = async (most: number) =>
    (await owner.db.query(
      'select supaqueue_internal.backfill_slice(backfill, $2) as slice from supaqueue.backfill where id = $1',
      [id, most],
    )).rows[0].slice

  expect(await slice(6)).toEqual({ rows: 6, last: ['7'] })
  expect((await photos.jobs()).map(({ payload }) => (payload.record as { id: number }).id)).toEqual([3, 5, 7])
  await owner.db.query(`update supaqueue.backfill set after = '{10}' where id = $1`, [id])
  expect(await slice(3)).toEqual({ rows: 0, last: null })
})
