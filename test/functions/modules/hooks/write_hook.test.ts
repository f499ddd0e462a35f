import { expect } from 'vitest'
import { harness, test } from '../../../support/harness.ts'

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

test('write_hook makes the triggers of very many partitions in parts, and all at once where those that stood had to go', async ({ ownDatabase }) => {
  const owner = harness(await ownDatabase.connect('owner'))
  await owner.queue({ name: 'parts' })
  await owner.db.query(`create table public.whole (id integer primary key) partition by list (id)`)
  await owner.db.query(`select supaqueue.on_change('public.whole', 'parts', events => '{insert,delete}')`)
  for (const i of [1, 2, 3]) {
    await owner.db.query(`create table public.part_${i} partition of public.whole for values in (${i})`)
  }
  const write = () =>
    owner.db.query(`select supaqueue_internal.write_hook(hook, until => '-infinity') from supaqueue.hook`)
  const missing = async () =>
    (await owner.db.query(`select from supaqueue_internal.hook_gaps() where state = 'missing'`)).rowCount

  const left = []
  for (let i = 0; i < 6; i++) {
    await write()
    left.push(await missing())
  }
  expect(left).toEqual([5, 4, 3, 2, 1, 0])

  // The triggers of a part that leaves go with all others, and no write passes between.
  await owner.db.query('alter table public.whole detach partition public.part_2')
  await write()
  expect((await owner.db.query('select from supaqueue_internal.hook_gaps()')).rowCount).toBe(0)
})
