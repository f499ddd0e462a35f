import { expect } from 'vitest'
import { test } from '../../../support/house.ts'
import { refusal } from '../../../support/refusal.ts'

const fold = `select supaqueue_internal.fold_deltas(
  (select array_agg(ctid) from supaqueue.counter_delta), (select array_agg(queue) from supaqueue.counter))`

test('adds deltas to the counters and the history, and takes them away', async ({ house }) => {
  const queue = await house.queue()
  await house.sweep()
  await house.db.query('insert into supaqueue.counter_delta (queue, begun) values ($1, 2), ($1, 3)', [queue])

  await house.db.query(fold)

  expect((await house.db.query('select from supaqueue.counter_delta')).rows).toEqual([])
  expect((await house.db.query('select begun from supaqueue.counter where queue = $1', [queue])).rows).toEqual([{
    begun: 5,
  }])
  const { rows } = await house.db.query(`select begun from supaqueue.history where queue = $1 and span = 'hour'`, [
    queue,
  ])
  expect(rows).toEqual([{ begun: 5 }])
})

test('counts nothing that stays', async ({ ownDatabase }) => {
  const owner = await ownDatabase.connect('owner')
  await owner.query(`create function public.keep() returns trigger language plpgsql as $$ begin return null; end $$;
    create trigger keep before delete on supaqueue.counter_delta for each row execute function public.keep();
    insert into supaqueue.counter_delta (queue, begun) values (gen_random_uuid(), 1)`)

  expect(await refusal(owner.query(fold))).toMatchObject({ code: 'SQ409' })
})
