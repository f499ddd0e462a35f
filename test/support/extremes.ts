import pg from 'pg'
import type { Answer } from './harness.ts'

/** Values that no arithmetic survives, and those where it is easily wrong, by type. */
export const extremes: Record<string, string[]> = {
  'timestamp with time zone': [
    'infinity',
    '-infinity',
    '294276-12-31 23:59:59.999999+00',
    '4714-11-24 00:00:00+00 BC',
    '12026-01-01 00:00:00+00',
    '10000-01-01 00:00:00+00',
    '0001-01-01 00:00:00+00',
    '1970-01-01 00:00:00+00',
  ],
  interval: [
    '178000000 years',
    '-178000000 years',
    '2147483647 days',
    '10000 years',
    '2147483647 months -2147483648 days',
    '-1 microsecond',
    '0',
  ],
  smallint: ['32767', '-32768', '0'],
  integer: ['2147483647', '-2147483648', '-1', '0'],
  bigint: ['9223372036854775807', '-9223372036854775808', '9007199254740993', '-1', '0'],
  numeric: ['NaN', 'Infinity', '-Infinity', '1e131071', '-1e131071', '1e-16383', '999.99', '-999.99', '-1', '0'],
  real: ['NaN', 'Infinity', '-Infinity', '3e38', '1e-44', '-1', '0'],
  'double precision': ['NaN', 'Infinity', '-Infinity', '1.7e308', '5e-324', '-1', '0'],
}

/** The values of a type that its server knows: an interval without end is one from PostgreSQL 17 on. */
export const extremesOf = (type: string, version: number): string[] => [
  ...extremes[type.replace(/\(.*/, '')] ?? [],
  ...type === 'interval' && version >= 17 ? ['infinity', '-infinity'] : [],
]

/** What the server says of a statement that it refuses. */
export type Refusal = { code?: string; message: string; constraint?: string; hint?: string }

const run = '00000000-0000-4000-8000-0000000000a1'

/** A user's rows in every table of ours. Returns what the tests speak of. */
export async function furnish(db: pg.Client): Promise<{ queue: string; job: number }> {
  await db.query(`
    insert into supaqueue.rate_limit (name, max_rps, burst) values ('shared', 5, 100);
    insert into supaqueue.queue (name, edge_function_name, url, rate_limit, per_key, mode, keep_success_attempts) values
      ('extreme', 'hello', null, 'shared', null, 'push', true),
      ('target', null, 'https://example.com/hook', null, 1, 'push', false),
      ('pulled', 'hello', null, null, null, 'pull', false),
      ('own', 'hello', null, null, null, 'push', false);
    select supaqueue.set_max_rps('own', 2, 5);
    insert into supaqueue.worker (queue) select id from supaqueue.queue, generate_series(1, 4);
    insert into supaqueue.schedule (name, queue, cron) select 'hourly', id, '0 * * * *' from supaqueue.queue where name = 'extreme';
    select supaqueue.allow('extreme', 'authenticated', per_minute => 10);
    insert into supaqueue.door_use (queue, role, who, free_at)
      select queue, role, gen_random_uuid(), now() from supaqueue.door;
    select supaqueue.create_api_key('key', '{enqueue}', 5);
    insert into supaqueue.api_answer (caller, key, request_hash, answer) values ('key', 'k', 'h', '{}')`)
  const { rows: [{ id: queue }] } = await db.query(`select id from supaqueue.queue where name = 'extreme'`)
  const { rows: [{ id: job }] } = await db.query(
    `select supaqueue.enqueue('extreme', '{"n": 1}', concurrency_key => 'a', max_attempts => 5, timeout_ms => 1000) as id`,
  )
  await db.query(
    `select supaqueue.enqueue('extreme', depends_on => array[$1::bigint]), supaqueue.enqueue_many('target', '[{}, {}]')`,
    [job],
  )
  await db.query(
    `select supaqueue.enqueue(queue) from unnest('{own, own, pulled, extreme, extreme, extreme, extreme, target}'::text[]) as queue`,
  )
  const { jobs } = await turn(db, queue, { room: 3 })
  const [failed, done] = jobs.map(({ current_job }) => current_job.id)
  await turn(db, queue, {
    reports: [
      { token: failed, outcome: 'killed', status: 500, ms: 5, error: 'boom' },
      { token: done, outcome: 'success', status: 200, ms: 5 },
    ],
  })
  await db.query('select supaqueue.sweep()')
  await db.query(`
    insert into supaqueue.trouble (kind, subject, queue, job, code, reason)
      select 'begin', id::text, queue, id, '23503', 'no' from supaqueue.job where status = 'pending' order by job.id desc limit 1;
    insert into supaqueue.circuit (target) values ('function hello') on conflict do nothing;
    insert into supaqueue.hook (name, queue, schema_name, table_name, events)
      select 'extreme', id, 'public', 'extreme', '{insert}' from supaqueue.queue where name = 'extreme';
    insert into supaqueue.hook_fault (hook, code, reason) select id, '42703', 'no such column' from supaqueue.hook;
    insert into supaqueue.backfill (hook, per_second, after) select id, 100, '{1}' from supaqueue.hook;
    insert into supaqueue.home (project) select 'https://extreme.supabase.co' where not exists (select from supaqueue.home);
    insert into supaqueue.process (id, lease_until) values ('00000000-0000-4000-8000-0000000000a1', now() - interval '1 minute');
    insert into supaqueue.subscription (pattern, queue) select 'order.*', id from supaqueue.queue where name = 'extreme';
    insert into supaqueue.throttled_key (queue, key, free_at) select id, 'site:3', now() from supaqueue.queue where name = 'extreme';
    insert into supaqueue.place_in_line (queue, line, job) select id, '=a', 1 from supaqueue.queue where name = 'extreme';
    insert into supaqueue.line_change (queue, line, moves_on) select id, '=a', false from supaqueue.queue where name = 'extreme';
    insert into supaqueue.line_head (queue, line, job, priority, run_at, is_due)
      select id, '=a', 1, 0, now(), true from supaqueue.queue where name = 'extreme';
    insert into supaqueue.step (job, name, status, place)
      select id, 'read', 'done', 1 from supaqueue.job where status = 'pending' order by id limit 1;
    insert into supaqueue.signal (job, name) select id, 'approved' from supaqueue.job where status = 'pending' order by id limit 1;
    insert into supaqueue.counter_delta (queue, enqueued, turn_ms) select id, 1, 5 from supaqueue.queue where name = 'extreme';
    insert into supaqueue.alert_rule (name, kind, threshold, notify)
      select 'late', 'backlog_older_than', 5, id from supaqueue.queue where name = 'target';
    insert into supaqueue.alert (rule, subject, text, value) select id, 'extreme', 'late', 9 from supaqueue.alert_rule;
    insert into supaqueue.bulk_action (act, jobs, per_second) values ('retry', '{1}', 5);
    insert into supaqueue.history (queue, span, at, backlog, oldest_s)
      select id, 'minute', date_trunc('minute', now()), 3, 5 from supaqueue.queue where name = 'extreme' on conflict do nothing;
    insert into supaqueue.unsettled (job) select id from supaqueue.job where status = 'success'`)
  return { queue, job }
}

export async function turn(db: pg.Client, queue: string, request: object): Promise<Pick<Answer, 'jobs'>> {
  const { rows: [{ answer }] } = await db.query(`select public.supaqueue_turn($1) as answer`, [
    JSON.stringify({ run, queue, ...request }),
  ])
  return answer
}

/** All that goes on in a project, once. Throws, or returns what was set aside and which chores failed. */
export async function everything(db: pg.Client): Promise<string[]> {
  await db.query(`delete from supaqueue.trouble where code = '23503' and reason = 'no'`)
  await db.query('set constraints all immediate')
  const { rows: queues } = await db.query(`select id from supaqueue.queue where mode = 'push' order by name`)
  for (const { id } of queues) {
    const { jobs } = await turn(db, id, { room: 4, hello: true })
    const reports = jobs.map(({ current_job }, i) => ({
      token: current_job.id,
      outcome: ['failed', 'success', 'deferred', 'unknown'][i % 4],
      status: 500,
      ms: 5,
      error: 'boom',
    }))
    if (reports.length > 0) await turn(db, id, { reports, room: 1 })
  }
  await db.query(`
    select supaqueue.pick('pulled', most => 3);
    select supaqueue.process_jobs();
    select supaqueue.sweep();
    select supaqueue.prune();
    select supaqueue.sweep();
    select supaqueue.metrics();
    select supaqueue.explain(id) from supaqueue.job;
    select to_jsonb(o), to_jsonb(c) from supaqueue.queue_overview as o, supaqueue.queue_counters as c;
    select to_jsonb(f) from supaqueue.failures as f;
    select to_jsonb(f) from supaqueue.failed_jobs as f;
    set constraints all immediate`)
  const { rows } = await db.query(
    `select 'chore ' || name || ': ' || code || ' ' || error as line from supaqueue.chore where last_at >= now() and code is not null
     union all
     select 'aside ' || kind || ' ' || subject || ': ' || code || ' ' || reason from supaqueue.trouble`,
  )
  return rows.map(({ line }) => line)
}

export async function connectTo(connectionString: string): Promise<pg.Client> {
  const db = new pg.Client({ connectionString })
  db.on('error', () => {})
  await db.connect()
  return db
}
