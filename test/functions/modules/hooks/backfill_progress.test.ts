import { expect } from 'vitest'
import { test } from '../../../support/harness.ts'
import { begin, filled, progress } from './backfilled.ts'

test('backfill_progress tells what the statistics of the table allow to say', async ({ another }) => {
  const owner = await another('owner')
  const photos = await filled(owner, 200)
  await photos.run('analyze %t')
  const id = await begin(owner, photos, `, 'new.id > 100', 7`)
  await owner.db.query(`update supaqueue.backfill set looked_at = 50, after = '{150}' where id = $1`, [id])

  expect(await progress(owner, id)).toMatchObject({
    backfill: Number(id),
    hook: photos.name,
    status: 'running',
    where: 'new.id > 100',
    per_second: 7,
    rows: 50,
    estimate: 200,
    percent: 25,
    after: ['150'],
  })
})
