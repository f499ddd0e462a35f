import { expect } from 'vitest'
import { test } from '../../../support/house.ts'

test('write_hook puts triggers on partitions that came later, once it is asked again', async ({ another }) => {
  const owner = await another('owner')
  await owner.queue({ name: 'parts' })
  await owner.db.query(`create table public.whole (id integer primary key) partition by list (id)`)
  const say = () => owner.db.query(`select supaqueue.on_change('public.whole', 'parts')`)
  await say()
  await owner.db.query('create table public.part partition of public.whole for values in (1)')

  await say()
  await owner.db.query('insert into public.part values (1); update public.whole set id = 1; truncate public.whole')

  const { rows } = await owner.db.query('select payload from supaqueue.job order by id')
  expect(rows.map(({ payload }) => payload)).toEqual([
    { type: 'INSERT', table: 'whole', schema: 'public', record: { id: 1 }, old_record: null },
  ])
})
