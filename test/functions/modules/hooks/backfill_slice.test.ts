import { expect } from 'vitest'
import { test } from '../../../support/harness.ts'
import { begin, filled } from './backfilled.ts'
import { hooked } from './hooked.ts'

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

test('backfill_slice goes on where another session stopped, however either writes times', async ({ another }) => {
  const owner = await another('owner')
  const photos = await hooked(
    owner,
    `payload => 'keys'`,
    'at timestamptz, took interval, half float8, primary key (at, took, half)',
  )
  await photos.run(
    `insert into %t select timestamptz '2026-01-02' + make_interval(days => i), make_interval(months => i), i / 3.0 from generate_series(1, 12) as i`,
  )
  await owner.db.query('select supaqueue.backfill($1)', [photos.name])

  let rows = 0
  for (const style of ['SQL, DMY', 'German', 'Postgres, MDY', 'ISO, YMD']) {
    await owner.db.query(`select set_config('datestyle', $1, false), set_config('intervalstyle', $2, false)`, [
      style,
      style === 'German' ? 'sql_standard' : 'iso_8601',
    ])
    await owner.db.query('set extra_float_digits = 0')
    const { rows: [{ slice }] } = await owner.db.query(
      `select supaqueue_internal.backfill_slice(backfill, 3) as slice from supaqueue.backfill
       where hook = (select id from supaqueue.hook where name = $1)`,
      [photos.name],
    )
    await owner.db.query(
      `update supaqueue.backfill set after = array(select jsonb_array_elements_text($2)) where hook = (select id from supaqueue.hook where name = $1)`,
      [photos.name, JSON.stringify(slice.last)],
    )
    rows += slice.rows
  }
  for (const name of ['datestyle', 'intervalstyle', 'extra_float_digits']) await owner.db.query(`reset ${name}`)

  expect(rows).toBe(12)
  expect(new Set((await photos.jobs()).map(({ payload }) => JSON.stringify(payload.record))).size).toBe(12)
})
