import { expect } from 'vitest'
import { test } from '../../../support/house.ts'

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
