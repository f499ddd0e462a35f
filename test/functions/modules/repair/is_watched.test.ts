import { expect } from 'vitest'
import { harness as harnessOf, test } from '../../../support/harness.ts'

test('nothing of ours is taken for something of the user', async ({ harness }) => {
  const { rows } = await harness.db.query('select supaqueue_internal.is_watched() as watched')

  expect(rows).toEqual([{ watched: false }])
})

/** What a user can have PostgreSQL do with each row that the queue writes. */
const watchers: Record<string, string> = {
  'a trigger on a table':
    'create trigger mine after update on supaqueue.worker for each row execute function public.mine()',
  'a foreign key to a table': 'create table public.receipt (job bigint references supaqueue.job on delete cascade)',
  'a foreign key from a table to another': `create table public.tenant (id integer primary key);
    alter table supaqueue.job add column tenant integer references public.tenant`,
  'a foreign key within, that no index helps':
    'alter table supaqueue.job add column parent bigint references supaqueue.job',
  'a check that calls a function': 'alter table supaqueue.job add check (public.fits(payload))',
  'a check that uses an operator':
    `create operator public.~~~ (leftarg = jsonb, rightarg = jsonb, function = public.alike);
    alter table supaqueue.attempt add check (to_jsonb(error) operator(public.~~~) '1'::jsonb)`,
  'a check that sleeps': 'alter table supaqueue.current_job add check (pg_sleep(0) is not null)',
  'a default that calls a function': 'alter table supaqueue.job add column mine boolean default public.fits(null)',
  'a generated column':
    'alter table supaqueue.job add column mine boolean generated always as (public.fits(payload)) stored',
  'an index by a function': 'create index mine on supaqueue.job (public.fits(payload))',
  'an index of some': 'create index mine on supaqueue.job (queue) where public.fits(payload)',
  'a column of a domain': `create domain public.sound as jsonb check (public.fits(value));
    alter table supaqueue.job add column mine public.sound`,
  'a rule': 'create rule mine as on update to supaqueue.worker do also select public.fits(null)',
}

test.for(Object.entries(watchers))('%s of ours is one', async ([, sql], { ownDatabase }) => {
  const owner = await ownDatabase.connect('owner')
  await owner.query(`create function public.mine() returns trigger language plpgsql as 'begin return null; end';
    create function public.fits(jsonb) returns boolean language plpgsql immutable as 'begin return true; end';
    create function public.alike(jsonb, jsonb) returns boolean language plpgsql immutable as 'begin return true; end'`)
  await owner.query(sql)

  const { rows } = await (await ownDatabase.connect()).query('select supaqueue_internal.is_watched() as watched')

  expect(rows).toEqual([{ watched: true }])
})

test('what cannot take long is none: a check or an index of what PostgreSQL itself brings', async ({ ownDatabase }) => {
  await (await ownDatabase.connect('owner')).query(`
    alter table supaqueue.job add column tenant text default 'mine', add check (length(tenant) < 10);
    create index mine on supaqueue.job (lower(tenant)) where tenant <> '';
    create table public.ours (id integer check (id > 0))`)

  const { rows } = await (await ownDatabase.connect()).query('select supaqueue_internal.is_watched() as watched')

  expect(rows).toEqual([{ watched: false }])
})

test('jobs that a table of the user refers to are deleted in turn, and one that cannot be is set aside', async ({ ownDatabase }) => {
  const harness = harnessOf(await ownDatabase.connect())
  const owner = await ownDatabase.connect('owner')
  await owner.query('create table public.receipt (job bigint references supaqueue.job)')
  const queue = await harness.queue()
  await harness.db.query(`insert into supaqueue.job (queue, status) select $1, 'success' from generate_series(1, 30)`, [
    queue,
  ])
  await harness.db.query(`update supaqueue.job set finished_at = now() - interval '8 days'`)
  await owner.query('insert into public.receipt select min(id) from supaqueue.job')

  for (let sweep = 0; sweep < 3; sweep++) await harness.sweep()

  expect((await harness.db.query('select from supaqueue.job')).rowCount).toBe(1)
  expect((await harness.db.query('select kind, code from supaqueue.trouble')).rows).toEqual([{
    kind: 'prune',
    code: '23503',
  }])
})

test('what a sweep has found holds for all its chores, and not for the next sweep', async ({ ownDatabase }) => {
  const owner = await ownDatabase.connect('owner')
  const { rows: [before] } = await owner.query(`
    create function public.mine() returns trigger language plpgsql as 'begin return null; end';
    create table public.answer (watched boolean);
    do $$ begin
      insert into public.answer values (supaqueue_internal.is_watched());
      create trigger mine after update on supaqueue.worker for each row execute function public.mine();
      insert into public.answer values (supaqueue_internal.is_watched());
    end $$`).then(() => owner.query('select array_agg(watched) as watched from public.answer'))
  const { rows: [after] } = await owner.query('select supaqueue_internal.is_watched() as watched')

  expect([before, after]).toEqual([{ watched: [false, false] }, { watched: true }])
})

test('a sweep that has nothing to do does not look it up', async ({ ownDatabase }) => {
  const harness = harnessOf(await ownDatabase.connect())
  const lookedUp = async () => {
    await harness.begin()
    await harness.sweep()
    const { rows } = await harness.db.query(`select current_setting('supaqueue.watched', true) <> '' as it`)
    await harness.rollback()
    return rows[0].it === true
  }
  const queue = await harness.queue()
  const idle = await lookedUp()
  await harness.db.query(`insert into supaqueue.job (queue, status) values ($1, 'success')`, [queue])
  await harness.db.query(`update supaqueue.job set finished_at = now() - interval '8 days'`)

  expect([idle, await lookedUp()]).toEqual([false, true])
})
