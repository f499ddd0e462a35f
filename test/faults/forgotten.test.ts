import { afterAll, beforeAll, describe, expect } from 'vitest'
import { functionFiles } from '../../scripts/cli/database/files.ts'
import { type TestDatabase, testDatabase } from '../support/database.ts'
import { type Harness, harness as harnessOf, test } from '../support/harness.ts'

// What is old goes, a chore for each kind. One row that cannot be deleted keeps no other from going: it is named, tried
// again, and goes once nothing of the user's keeps it.

const bad = 'bad00000-0000-4000-8000-000000000000'
const others = [1, 2, 3].map((n) => `a${n}a00000-0000-4000-8000-000000000000`)
// By the whole id: a part of it stands in an id by chance, too, once in a thousand.
const BAD = `${bad}|: 770077\\M`
const OURS = [BAD, ...others, ': 99000'].join('|')

/** Rows that are old enough, the bad one first; they come in as a restore brings them, without triggers. */
const old: Record<string, string> = {
  wake_up: `insert into supaqueue.wake_up (request, queue, posted_at)
    select 900000000 + place, id, now() - interval '1 hour' - (9 - place) * interval '1 minute' from rows`,
  throttled_key: `insert into supaqueue.throttled_key (queue, key, free_at)
    select (select min(id::text)::uuid from supaqueue.queue), id::text, now() - (9 - place) * interval '1 minute' from rows`,
  api_answer: `insert into supaqueue.api_answer (caller, key, created_at, request_hash, answer)
    select 'one', id::text, now() - interval '2 days' - (9 - place) * interval '1 minute', '', '' from rows`,
  audit: `insert into supaqueue.audit (at, act, queue, role)
    select now() - interval '100 days' - (9 - place) * interval '1 minute', 'pause', id, 'me' from rows`,
  bulk_action: `insert into supaqueue.bulk_action (at, act, filter, jobs)
    select now() - interval '8 days' - (9 - place) * interval '1 minute', 'retry', jsonb_build_object('of', id), '{}' from rows`,
  circuit:
    `insert into supaqueue.circuit (target, refused_at) select 'function ' || id, now() - interval '2 days' from rows`,
  history: `insert into supaqueue.history (queue, span, at)
    select id, 'minute', date_trunc('minute', now() - interval '2 days' - (9 - place) * interval '1 minute') from rows
    union all select id, 'hour', date_trunc('hour', now()) from rows`,
  heartbeat: `insert into supaqueue.heartbeat (queue) select id from rows`,
  key_lock: `insert into supaqueue.key_lock (queue) select id from rows`,
  worker: `insert into supaqueue.worker (queue) select id from rows`,
  batch:
    `insert into supaqueue.batch (id, queue) select id, (select min(queue.id::text)::uuid from supaqueue.queue) from rows;
    insert into supaqueue.job (queue, batch, status, finished_at)
    select batch.queue, batch.id, 'success', now() - interval '99 days' from supaqueue.batch`,
  signal: `insert into supaqueue.signal (key, name, created_at)
    select id::text, 'paid', now() - interval '40 days' - (9 - place) * interval '1 minute' from rows`,
  job_dependency: `insert into supaqueue.job_dependency (source, target)
    select case place when 1 then 770077 else 880000 + place end, 990000 from rows`,
  hook_fault: `
    insert into supaqueue.hook (name, queue, schema_name, table_name, events)
    select 'gone', min(queue.id::text)::uuid, 'public', 'photos', '{insert}' from supaqueue.queue
    on conflict do nothing;
    insert into supaqueue.hook_fault (hook, noted_at, code, reason, lost)
    select hook.id, now() - interval '99 days' - (9 - place) * interval '1 minute', '42703', rows.id::text, 1
    from rows cross join supaqueue.hook where hook.name = 'gone'`,
}

/** The chore that forgets them, where it is not named as they are. */
const choreOf: Record<string, string> = {
  wake_up: 'wake_ups',
  throttled_key: 'throttles',
  api_answer: 'api_answers',
  bulk_action: 'bulk_actions',
  circuit: 'circuits',
  heartbeat: 'queues',
  key_lock: 'queues',
  worker: 'queues',
  batch: 'prune',
  signal: 'signals',
  job_dependency: 'edges',
  hook_fault: 'hook_faults',
}

/** Faults that are alike become one, unless one of them cannot go. */
const folded = `
  insert into supaqueue.hook (name, queue, schema_name, table_name, events)
  select 'gone', min(queue.id::text)::uuid, 'public', 'photos', '{insert}' from supaqueue.queue
  on conflict do nothing;
  insert into supaqueue.hook_fault (hook, noted_at, code, reason, lost)
  select hook.id, date_trunc('day', now() - interval '1 day', 'UTC') + place * interval '1 minute', '42703', rows.id::text, 1
  from rows cross join supaqueue.hook cross join generate_series(1, 2) where hook.name = 'gone'`

const trigger = (when: string, does: string) => (table: string) => `
  create function public.harm() returns trigger language plpgsql as $$
  begin
    if to_jsonb(old)::text ~ '${BAD}' then ${does}; end if;
    return old;
  end $$;
  create ${when.includes('constraint') ? 'constraint trigger' : 'trigger'} harm ${
  when.replace('constraint ', '')
} delete on supaqueue.${table}
    ${when.includes('constraint') ? 'deferrable initially deferred' : ''} for each row execute function public.harm()`

const refers = (how: string) => (table: string, keys: string) => `
  create table public.mine as select ${keys} from supaqueue.${table} where to_jsonb(${table})::text ~ '${BAD}';
  alter table public.mine add foreign key (${keys}) references supaqueue.${table} (${keys}) ${how}`

const blockers: Record<string, (table: string, keys: string) => string> = {
  'a trigger that raises': trigger('before', `raise exception 'mine' using errcode = '23503'`),
  'a trigger that asserts': trigger('before', `assert false, 'mine'`),
  'a trigger that cancels': trigger('before', `raise exception 'mine' using errcode = '57014'`),
  'a trigger that returns nothing': trigger('before', 'return null'),
  'a trigger that raises after it': trigger('after', `raise exception 'mine' using errcode = '23503'`),
  'a trigger that raises at the commit': trigger('constraint after', `raise exception 'mine' using errcode = '23503'`),
  'a foreign key': refers(''),
  'a foreign key that restricts': refers('on delete restrict'),
  'a foreign key that looks at the commit': refers('deferrable initially deferred'),
  'a rule': (table) => `
    create rule harm as on delete to supaqueue.${table} where to_jsonb(old)::text ~ '${BAD}' do instead nothing`,
}

describe.each(Object.entries(old))('old rows of %s', (table, rows) => {
  let database: TestDatabase
  let admin: Harness
  let harness: Harness
  beforeAll(async () => {
    database = await testDatabase()
    admin = harnessOf(await database.connect('admin'))
    harness = harnessOf(await database.connect())
    await harness.queue()
  })
  afterAll(() => database.drop())

  const seed = async (insert: string) => {
    await admin.db.query(`
      set session_replication_role = replica;
      delete from supaqueue.${table}; delete from supaqueue.job; delete from supaqueue.trouble;
      update supaqueue.chore set failures = 0, mark = null,
        next_try_at = case when name in ('${
      choreOf[table] ?? table
    }', 'passing') then '-infinity' else now() + interval '30 minutes' end;
      create temp table rows as
        select id::uuid, place from unnest('{${
      [bad, ...others].join()
    }}'::text[]) with ordinality as entry (id, place)`)
    for (const statement of insert.split(/;\n/)) await admin.db.query(statement)
    await admin.db.query('drop table rows; reset session_replication_role')
  }
  const left = async () =>
    (await admin.db.query(`select to_jsonb(${table})::text ~ '${BAD}' as bad, count(*)::integer from supaqueue.${table}
       where to_jsonb(${table})::text ~ '${OURS}' group by 1`)).rows
  const keysOf = async () =>
    (await admin.db.query(
      `select string_agg(format('%I', attname), ', ' order by attnum) as keys from pg_attribute
       join pg_index on indrelid = attrelid and attnum = any (indkey) and indisprimary
       where attrelid = 'supaqueue.${table}'::regclass`,
    )).rows[0].keys as string
  const undo = () =>
    admin.db.query(`drop table if exists public.mine; drop rule if exists harm on supaqueue.${table};
      drop function if exists public.harm() cascade`)

  test.for(Object.keys(blockers))('go, though one of them is held by %s', async (blocker) => {
    await seed(rows)
    await admin.db.query(blockers[blocker]!(table, await keysOf()))
    try {
      // The one that cancels takes the time of a whole sweep: the others go with the next.
      for (const _ of [1, 2, 3, 4]) await harness.sweep()

      expect(await left()).toEqual([{ bad: true, count: table === 'history' ? 2 : 1 }])
      const { rows: failing } = await harness.db.query('select name, error from supaqueue.chore where failures > 0')
      expect(failing).toEqual([])
      const { rows: aside } = await harness.db.query('select kind, subject, reason from supaqueue.trouble')
      expect(aside).toContainEqual(expect.objectContaining({ kind: 'rows', subject: expect.stringContaining(table) }))
    } finally {
      await undo()
    }

    await admin.db.query('update supaqueue.trouble set next_try_at = now()')
    await harness.sweep()
    if (table !== 'batch') expect(await left()).toEqual([])
    await admin.db.query(`update supaqueue.trouble set next_try_at = now(), tried_at = now() - interval '2 hours'`)
    await harness.sweep()
    expect((await harness.db.query('select kind, subject, reason from supaqueue.trouble')).rows).toEqual([])
  })

  if (table === 'hook_fault') {
    test.for(Object.keys(blockers))('become one with their like, though one is held by %s', async (blocker) => {
      await seed(folded)
      await admin.db.query(blockers[blocker]!(table, await keysOf()))
      try {
        for (const _ of [1, 2, 3]) await harness.sweep()
        expect((await left()).toSorted((one, other) => one.count - other.count)).toEqual([
          { bad: true, count: 2 },
          { bad: false, count: 3 },
        ])
        expect((await admin.db.query('select sum(lost)::integer as lost from supaqueue.hook_fault')).rows).toEqual([{
          lost: 8,
        }])
      } finally {
        await undo()
      }
    })
  }
})

test('whatever a chore deletes, it deletes so that one row stops itself alone', () => {
  const files = functionFiles()
  const chores = files.filter(({ sql }) => /insert into supaqueue\.chore /.test(sql))
  expect(chores.length).toBeGreaterThan(20)
  const alone = files.filter(({ sql }) => {
    const body = sql.replace(/^\s*--.*$/gm, '')
    const deletes = [...body.matchAll(/delete from supaqueue\.(\w+)/g)].map(([, table]) => table)
    return /insert into supaqueue\.chore /.test(body) &&
      deletes.some((table) => table !== 'trouble') &&
      !/exception when query_canceled or assert_failure or others/.test(body)
  })
  expect(alone.map(({ path }) => path)).toEqual([])
})
