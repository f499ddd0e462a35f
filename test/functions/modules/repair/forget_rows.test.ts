import { expect } from 'vitest'
import { test } from '../../../support/harness.ts'

// Whatever of the user's keeps a row, table by table: test/faults/forgotten.test.ts.

const old = (place: number) =>
  `insert into supaqueue.wake_up (request, queue, posted_at)
   values (${place}, '00000000-0000-4000-8000-00000000000${place}', now() - interval '1 hour') returning ctid::text`

test('forget_rows deletes what it is given, and leaves out what was set aside until its next try', async ({ ownDatabase }) => {
  const owner = await ownDatabase.connect('owner')
  const rows: string[] = []
  for (const place of [1, 2, 3]) rows.push((await owner.query(old(place))).rows[0].ctid)
  const forget = async (given: string[]) =>
    (await owner.query(`select supaqueue_internal.forget_rows('supaqueue.wake_up', $1::tid[]) as gone`, [given]))
      .rows[0]
      .gone
  await owner.query(
    `insert into supaqueue.trouble (kind, subject, code, reason, next_try_at)
     values ('rows', $1, '23503', 'mine', now() + interval '1 minute')`,
    [`supaqueue.wake_up ${rows[0]}`],
  )

  expect(await forget([])).toBe(0)
  expect(await forget(rows)).toBe(2)

  expect((await owner.query('select request from supaqueue.wake_up')).rows).toEqual([{ request: 1 }])
  await owner.query('update supaqueue.trouble set next_try_at = now()')
  expect(await forget([rows[0]!])).toBe(1)
})

test('the time that a held row has cost is not taken from the others: more than one of them goes', async ({ ownDatabase }) => {
  const owner = await ownDatabase.connect('owner')
  await owner.query(`
    insert into supaqueue.wake_up (request, queue, posted_at)
    select place, gen_random_uuid(), now() - interval '1 hour' from generate_series(1, 50) as place;
    create table public.mine (request bigint primary key references supaqueue.wake_up on delete cascade);
    insert into public.mine values (50)`)
  const holder = await ownDatabase.connect('owner')
  await holder.query('begin; select from public.mine for update')
  // Longer than the second that rows are tried for one by one.
  await owner.query(`set lock_timeout = '1200ms'`)

  const { rows: [{ gone }] } = await owner.query(
    `select supaqueue_internal.forget_rows('supaqueue.wake_up', array(select ctid from supaqueue.wake_up order by request)) as gone`,
  )

  expect(gone).toBeGreaterThan(1)
  await holder.query('rollback')
  const { rows } = await owner.query('select count(*)::integer as left from supaqueue.wake_up where request = 50')
  expect(rows).toEqual([{ left: 1 }])
})
