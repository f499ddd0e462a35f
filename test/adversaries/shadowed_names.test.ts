import type pg from 'pg'
import { describe, expect } from 'vitest'
import { test } from '../support/harness.ts'

/**
 * A role that may log in can make types and tables in pg_temp. Where a function of ours looked there first, the check of
 * a domain would run as whoever the function runs as. So: a domain for every type that PostgreSQL has, and a
 * table for every table of ours and of its catalog, each a trap that notes who stepped on it.
 */
const setTraps = async (stranger: pg.Client): Promise<void> => {
  await stranger.query(`
    create function pg_temp.trap() returns pg_catalog.bool language plpgsql as $$
    begin
      if current_user <> session_user and current_user <> 'app' then
        insert into public.caught values (current_user);
      end if;
      return true;
    end $$;
    create function pg_temp.trap_row() returns pg_catalog.trigger language plpgsql as $$
    begin
      perform pg_temp.trap();
      return new;
    end $$`)
  const { rows: types } = await stranger.query<{ name: string }>(`
    select quote_ident(typname) as name from pg_catalog.pg_type
    where typnamespace = 'pg_catalog'::pg_catalog.regnamespace and typtype = 'b' and typname !~ '^_'
      and typinput::pg_catalog.oid <> 'pg_catalog.array_in'::pg_catalog.regproc
      and typname not in ('trigger', 'unknown', 'pg_node_tree', 'pg_ndistinct', 'pg_dependencies', 'pg_mcv_list',
        'pg_brin_bloom_summary', 'pg_brin_minmax_multi_summary')`)
  for (const { name } of types) {
    await stranger.query(`create domain pg_temp.${name} as pg_catalog.${name} check (pg_temp.trap());
      grant usage on domain pg_temp.${name} to public`)
  }
  const { rows: tables } = await stranger.query<{ schema: string; name: string }>(`
    select n.nspname as schema, pg_catalog.quote_ident(c.relname) as name
    from pg_catalog.pg_class as c join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
    where n.nspname in ('supaqueue', 'pg_catalog') and c.relkind in ('r', 'v')
      and not exists (select from pg_catalog.pg_type as t where t.typname = c.relname and t.typtype = 'b')`)
  for (const { name } of tables) {
    await stranger.query(`create table pg_temp.${name} (name pg_temp.text);
      create trigger trap before insert or update on pg_temp.${name} for each row execute function pg_temp.trap_row();
      grant all on pg_temp.${name} to public`)
  }
}

// Everything that fires a function which runs as the owner. What is refused is as good as what goes through.
const acts = [
  `insert into supaqueue.queue (name, edge_function_name) values ('mine', 'hello')`,
  `insert into supaqueue.queue (name, url, default_headers) values ('theirs', 'https://example.com/', '{"x": "vault:some"}')`,
  `insert into supaqueue.worker (queue) select id from supaqueue.queue`,
  `insert into supaqueue.rate_limit (name, max_rps) values ('slow', 1)`,
  `update supaqueue.queue set rate_limit = 'slow', per_key = 1 where name = 'mine'`,
  `update supaqueue.rate_limit set max_rps = 2`,
  `insert into supaqueue.job (queue) select id from supaqueue.queue`,
  `insert into supaqueue.job (queue, payload, priority, run_at, status, dedupe_key, concurrency_key, headers, query, timeout_ms)
   select id, '{"a": 1}', 1, now() + interval '1 day', 'held', 'once', 'key', '{"x": "y"}', '{"q": "1"}', 1000
   from supaqueue.queue where name = 'mine'`,
  `update supaqueue.queue set opens = '{"POST /"}' where name = 'theirs'`,
  `insert into supaqueue.job (queue, url) select id, 'https://example.com/x' from supaqueue.queue where name = 'theirs'`,
  `insert into supaqueue.job_dependency (source, target)
   select min(id), max(id) from supaqueue.job where queue = (select id from supaqueue.queue where name = 'mine')`,
  `update supaqueue.job set status = 'cancelled' where status = 'pending'`,
  `update supaqueue.job set status = 'pending', attempts = 0 where status = 'cancelled'`,
  `update supaqueue.job set concurrency_key = 'other', timeout_ms = 2000`,
  `update supaqueue.queue set paused = true`,
  `update supaqueue.queue set paused = false`,
  `update supaqueue.queue set edge_function_name = null, url = 'https://example.com/' where name = 'mine'`,
  `update supaqueue.queue set default_headers = '{"x": "y"}'`,
  `insert into supaqueue.circuit (target) values ('function hello')`,
  `update supaqueue.circuit set failures = 5, open_until = now() + interval '1 hour', opened_at = now(), openings = 1`,
  `update supaqueue.circuit set failures = 0, open_until = null, opened_at = null, openings = 0`,
  `insert into supaqueue.schedule (name, queue, cron) select 'daily', id, '@daily' from supaqueue.queue where name = 'mine'`,
  `select supaqueue.allow('mine', 'authenticated', per_minute => 60, may_cancel => true, live => true, may_signal => '{go}')`,
  `update supaqueue.door set schema = '{"type": "object"}'`,
  `set role authenticated; select set_config('app.job', public.supaqueue_enqueue('mine', '{"a": 1}'::pg_catalog.jsonb)::pg_catalog.text, false)`,
  `set role authenticated; select public.supaqueue_status(current_setting('app.job')::pg_catalog.int8)`,
  `set role authenticated; select public.supaqueue_signal(current_setting('app.job')::pg_catalog.int8, 'go', '1'::pg_catalog.jsonb, 'k')`,
  `set role authenticated; select public.supaqueue_cancel(current_setting('app.job')::pg_catalog.int8)`,
  `select supaqueue.revoke('mine')`,
  `select supaqueue.enqueue('mine', '{"a": 1}'::pg_catalog.jsonb)`,
  `select supaqueue.enqueue_many('mine', '[{"payload": 1}]'::pg_catalog.jsonb)`,
  `select supaqueue.process_jobs()`,
  `select supaqueue.sweep()`,
  `select public.supaqueue_turn(('{"room": 5, "run": "' || gen_random_uuid() || '", "queue": "' || id || '"}')::pg_catalog.jsonb) from supaqueue.queue`,
  `select supaqueue_internal.direct_turn(('{"listen": true, "room": 0, "run": "' || gen_random_uuid() || '", "queue": "' || id || '"}')::pg_catalog.jsonb) from supaqueue.queue`,
  `select supaqueue_internal.direct_turn('{"process": "00000000-0000-4000-8000-00000000000d", "hello": true, "queues": ["none"]}'::pg_catalog.jsonb)`,
  `select supaqueue_internal.direct_turn('{"process": "00000000-0000-4000-8000-00000000000d", "sweep": true}'::pg_catalog.jsonb)`,
  `select supaqueue_internal.direct_turn('{"process": "00000000-0000-4000-8000-00000000000d", "stop": true}'::pg_catalog.jsonb)`,
  `select supaqueue_internal.direct_api('answer_api', '{"route": "postJob", "body": "{\\"queue\\": \\"mine\\"}"}')`,
  `select supaqueue_internal.direct_api('answer_api', '{"route": "getQueues"}')`,
  `select supaqueue_internal.direct_api('use_api_key', '{"hash": "none"}')`,
  `select supaqueue_internal.direct_api('metrics', '{}')`,
  `select supaqueue_internal.secrets_of(queue) from supaqueue.queue`,
  `select supaqueue_internal.reserve_job_ids(2)`,
  // Order, bursts, subscriptions, hooks, steps, batches, alerts, and what is done to many failed jobs at once.
  `insert into supaqueue.queue (name, edge_function_name, ordered) values ('lines', 'hello', 'key'), ('line', 'hello', 'queue')`,
  `insert into supaqueue.worker (queue) select id from supaqueue.queue where name in ('lines', 'line', 'batches')`,
  `insert into supaqueue.job (queue, concurrency_key, priority) select id, 'k' || n % 2, n from supaqueue.queue, generate_series(1, 6) as n where name in ('lines', 'line')`,
  `update supaqueue.job set priority = 9, concurrency_key = 'k1' where queue in (select id from supaqueue.queue where ordered is not null) and status = 'pending'`,
  `select public.supaqueue_turn(('{"room": 5, "run": "00000000-0000-4000-8000-00000000000e", "queue": "' || id || '"}')::pg_catalog.jsonb) from supaqueue.queue where name in ('lines', 'line', 'batches')`,
  `update supaqueue.job set status = 'failed' where queue in (select id from supaqueue.queue where ordered is not null) and status = 'pending'`,
  `delete from supaqueue.job where queue in (select id from supaqueue.queue where ordered is not null) and status = 'failed'`,
  `update supaqueue.queue set ordered = 'queue' where name = 'lines'`,
  `update supaqueue.queue set ordered = null where name = 'line'`,
  `select supaqueue_internal.fix_lines()`,
  `insert into supaqueue.queue (name, edge_function_name, dedupe_until) values ('bursts', 'hello', 'begun')`,
  `select supaqueue.enqueue('bursts', dedupe_key => 'a', debounce => '1 minute'::pg_catalog.interval), supaqueue.enqueue('bursts', dedupe_key => 'b', throttle => '1 minute'::pg_catalog.interval)`,
  `select supaqueue.subscribe('order.*', 'bursts', '{"a": 1}'::pg_catalog.jsonb), supaqueue.publish('order.paid', '{"a": 1}'::pg_catalog.jsonb, delay => '1 minute'::pg_catalog.interval)`,
  `insert into public.orders (id, note) select n, 'x' from generate_series(1, 3) as n`,
  `update public.orders set note = note || 'y'`,
  `delete from public.orders`,
  `select supaqueue.pause_hook('orders', reason => 'x'), supaqueue.resume_hook('orders')`,
  `delete from supaqueue.hook_fault`,
  `select supaqueue.cancel_backfill(id), supaqueue.resume_backfill(id) from supaqueue.backfill`,
  `insert into supaqueue.queue (name, edge_function_name, batch_size) values ('batches', 'hello', 3)`,
  `insert into supaqueue.worker (queue) select id from supaqueue.queue where name = 'batches'`,
  `insert into supaqueue.job (queue) select id from supaqueue.queue, generate_series(1, 3) where name = 'batches'`,
  `select public.supaqueue_turn(('{"room": 5, "run": "00000000-0000-4000-8000-00000000000f", "queue": "' || id || '"}')::pg_catalog.jsonb) from supaqueue.queue where name = 'batches'`,
  `delete from supaqueue.job where id = (select min(job) from supaqueue.current_job join supaqueue.job on job.id = current_job.job join supaqueue.queue on queue.id = job.queue where queue.name = 'batches')`,
  `select supaqueue.signal(key => 'order-17', name => 'paid', payload => '1'::pg_catalog.jsonb)`,
  `select supaqueue.set_alert('late', 'backlog_older_than', 5, notify => 'mine')`,
  `select supaqueue.retry_where('mine', '{"where": "$.a == 1"}'::pg_catalog.jsonb), supaqueue.discard_where(filter => '{"error": "x"}'::pg_catalog.jsonb)`,
  `insert into supaqueue.setting (name, value) values ('mine', '1')`,
  `update supaqueue.setting set value = '2' where name = 'mine'`,
  `select supaqueue.sweep(), to_jsonb(h) from supaqueue.health() as h`,
  `insert into supaqueue.job (queue, status) select id, 'held' from supaqueue.queue, generate_series(1, 2) where name = 'bursts'`,
  `insert into supaqueue.job_dependency (source, target) select min(id), max(id) from supaqueue.job where status = 'held' and queue = (select id from supaqueue.queue where name = 'bursts')`,
  `update supaqueue.job set status = 'cancelled' where id = (select max(source) from supaqueue.job_dependency)`,
  `select supaqueue_internal.fire_deferred_as_owner()`,
  `delete from supaqueue.worker`,
  `delete from supaqueue.job where id % 2 = 0`,
  `truncate supaqueue.job cascade`,
  `delete from supaqueue.job`,
  `delete from supaqueue.queue`,
]

/** What must be refused a stranger all the same: without it, a trap that never shuts would look like safety. */
const careless = `
  create function public.careless(given pg_catalog.text) returns pg_catalog.text language plpgsql security definer set search_path = ''
  as $$ declare mine text := given; begin return mine; end $$`

describe('names that a stranger puts before ours', () => {
  test('are met by no function, trigger, constraint, default or view', async ({ ownDatabase }) => {
    const admin = await ownDatabase.connect('admin')
    // More than anybody would give a stranger: with fewer rights less is reached, and never more.
    await admin.query(`
      do $$ begin if to_regrole('app') is null then create role app login; end if; end $$;
      grant anon, authenticated to app;
      do $$ declare t regclass; begin
        for t in select oid from pg_class where relnamespace = 'supaqueue'::regnamespace and relkind = 'r' loop
          execute format('create policy app on %s for all to app using (true) with check (true)', t);
        end loop;
      end $$;
      create table public.caught (who text);
      grant insert on public.caught to public;
      grant usage on schema supaqueue, supaqueue_internal, net, vault, extensions to app;
      grant all on all tables in schema supaqueue to app;
      grant execute on all functions in schema supaqueue, supaqueue_internal, public to app`)
    await admin.query(`
      set role postgres;
      create table public.orders (id integer primary key, note text);
      grant all on public.orders to app;
      create schema closed;
      create table closed.notes (setting text references supaqueue.setting deferrable initially deferred);
      insert into supaqueue.queue (name, edge_function_name) values ('hooked', 'hello');
      select supaqueue.on_change('public.orders', 'hooked', name => 'orders', "when" => 'new.note is not null or old.note is not null');
      select supaqueue.backfill('orders', any_order => true);
      reset role`)
    await admin.query(`set track_functions = 'all'`)
    // As a session of its own would be: nothing of the administrator's is behind it.
    await admin.query(`set session authorization app`)
    await admin.query(
      `set request.jwt.claims = '{"sub": "00000000-0000-4000-8000-00000000000a", "role": "authenticated"}'`,
    )
    await setTraps(admin)

    const outcomes: string[] = []
    for (const act of acts) {
      // Each its own transaction, so that what waits for the commit runs, too.
      const outcome = await admin.query(`begin; ${act}; commit`).then(() => 'done', (reason) => String(reason.message))
      await admin.query('rollback; set role none')
      outcomes.push(`${outcome}: ${act}`)
    }

    await admin.query('reset session authorization; select pg_stat_force_next_flush()')
    const { rows: missed } = await admin.query(`
      select p.proname as name from pg_catalog.pg_proc as p join pg_catalog.pg_namespace as n on n.oid = p.pronamespace
      where p.prosecdef and n.nspname in ('supaqueue', 'supaqueue_internal', 'public')
        and not exists (select from pg_catalog.pg_stat_user_functions as called where called.funcid = p.oid and called.calls > 0)
      order by 1`)
    expect((await admin.query('select distinct who from public.caught')).rows).toEqual([])
    expect(outcomes.filter((line) => !line.startsWith('done'))).toEqual([])
    expect(missed.map(({ name }) => name), 'run as the owner, and were not tried').toEqual([])
  })

  test('are met by a function that looks in pg_temp first, which the traps note', async ({ ownDatabase }) => {
    const admin = await ownDatabase.connect('admin')
    await admin.query(`
      do $$ begin if to_regrole('app') is null then create role app login; end if; end $$;
      create table public.caught (who text);
      grant insert on public.caught to public;
      grant usage on schema supaqueue to app`)
    await admin.query(careless)
    await admin.query('set session authorization app')
    await setTraps(admin)
    await admin.query(`select public.careless('a')`)
    await admin.query('reset session authorization')

    expect((await admin.query('select distinct who <> $1 as another from public.caught', ['app'])).rows)
      .toEqual([{ another: true }])
  })

  test('are looked for last by every function', async ({ harness }) => {
    const { rows } = await harness.db.query(`
      select oid::regprocedure::text as name from pg_proc
      where pronamespace in (select oid from pg_namespace where nspname in ('supaqueue', 'supaqueue_internal', 'net', 'vault', 'cron')
          union select 'public'::regnamespace)
        and prolang in (select oid from pg_language where lanname in ('sql', 'plpgsql'))
        and not 'search_path=pg_catalog, pg_temp' = any (coalesce(proconfig, '{}'))`)

    expect(rows).toEqual([])
  })
})
