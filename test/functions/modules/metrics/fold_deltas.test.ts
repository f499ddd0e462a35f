import { expect } from 'vitest'
import { test } from '../../../support/harness.ts'
import { refusal } from '../../../support/refusal.ts'

const fold = `select supaqueue_internal.fold_deltas(
  (select array_agg(ctid) from supaqueue.counter_delta), (select array_agg(queue) from supaqueue.counter))`

test('adds deltas to the counters and the history, and takes them away', async ({ harness }) => {
  const queue = await harness.queue()
  await harness.sweep()
  await harness.db.query('insert into supaqueue.counter_delta (queue, begun) values ($1, 2), ($1, 3)', [queue])

  await harness.db.query(fold)

  expect((await harness.db.query('select from supaqueue.counter_delta')).rows).toEqual([])
  expect((await harness.db.query('select begun from supaqueue.counter where queue = $1', [queue])).rows).toEqual([{
    begun: 5,
  }])
  const { rows } = await harness.db.query(`select begun from supaqueue.history where queue = $1 and span = 'hour'`, [
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
