import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { SORTS } from '../../console/answers.ts'
import { healthOfDatabase } from '../../scripts/console/health.ts'
import type { PageFile } from '../../scripts/console/page.ts'
import { makeRoutes, type Route, type Routes } from '../../scripts/console/routes.ts'
import { openSource, type Source } from '../../scripts/console/source.ts'
import { startConsole } from '../../scripts/console/start.ts'
import { withCopies } from '../copies.ts'
import type { Bench, Finding, Scenario } from '../scenario.ts'
import { median, short, spread } from '../stats.ts'

export const looks: Scenario = {
  name: 'looks',
  about: 'what a page of the console, the metrics and an explanation cost in a large database',
  measure: (bench) =>
    withCopies(async (makeCopy) => {
      const many = bench.options.quick ? 50_000 : bench.options.fullScale ? 10_000_000 : 200_000
      const copy = await makeCopy(filling(many))
      await hookTables(copy.ownerUrl)
      bench.say(`filled: ${short(many)} jobs`)
      const source = openSource(copy.ownerUrl)
      const health = healthOfDatabase(copy.ownerUrl)
      try {
        return await measure(bench, source, health.read, copy.ownerUrl, many)
      } finally {
        await health.end()
        await source.end()
      }
    }),
}

const BATCH = '5b3c1f9e-0d53-4f3a-9c3e-6c1d4f0a7b21'

// Twenty queues with jobs in every state, of which one in ten failed, of twenty causes; the last hour as busy as the
// others. And of everything else that a page shows as much as a busy project has.
const filling = (many: number) => `
  with further as (
    insert into supaqueue.queue (name, edge_function_name)
    select 'further ' || i, 'noop' from generate_series(1, 19) as i
    returning id
  ),
  heartbeats as (insert into supaqueue.heartbeat (queue, run, awake_until) select id, gen_random_uuid(), now() from further),
  workers as (insert into supaqueue.worker (queue) select id from further, generate_series(1, 10)),
  batches as (
    insert into supaqueue.batch (id, queue, label)
    select case i when 1 then '${BATCH}' else gen_random_uuid() end, $1::uuid, 'batch ' || i from generate_series(1, 1000) as i
    returning id
  ),
  schedules as (
    insert into supaqueue.schedule (name, queue, cron, next_at)
    select 'schedule ' || i, $1::uuid, '@hourly', now() + interval '1 hour' from generate_series(1, 200) as i
  ),
  rules as (
    insert into supaqueue.alert_rule (name, kind, threshold, notify)
    select 'alert ' || i, 'backlog_older_than', i, $1::uuid from generate_series(1, 20) as i
  ),
  acts as (
    insert into supaqueue.audit (at, act, queue, queue_name, role)
    select now() - i * interval '10 seconds', 'pause', $1::uuid, 'measured', 'service_role' from generate_series(1, 200000) as i
  ),
  bulks as (
    insert into supaqueue.bulk_action (act, queue, jobs)
    select 'retry', $1::uuid, array(select generate_series(1, 10000)) from generate_series(1, 10)
  ),
  happened as (
    insert into supaqueue.history (queue, span, at, enqueued, begun, succeeded, failed, calls, backlog)
    select id, 'minute', date_trunc('minute', now()) - i * interval '1 minute', 300, 300, 290, 10, '{"20": 300}', 5000
    from (select id from further union all select $1::uuid) as queue, generate_series(0, 1439) as i
  ),
  numbered as (
    select id, row_number() over () - 1 as n from (select id from further union all select $1::uuid) as queue
  ),
  made as (
    insert into supaqueue.job (queue, status, attempts, priority, created_at, run_at, finished_at, call_ms, payload, error, dedupe_key, batch)
    select
      numbered.id,
      (array['success', 'success', 'success', 'pending', 'success', 'pending', 'success', 'failed', 'success', 'held'])[
        1 + (i / 20) % 10]::supaqueue.job_status,
      1 + i % 3, i % 4, at, at,
      case when (i / 20) % 10 not in (3, 5, 9) then at + interval '1 second' end,
      i % 1000,
      jsonb_build_object('n', i, 'user', jsonb_build_object('id', i % 10000)),
      case when (i / 20) % 10 = 7 then 'cause ' || chr(65 + (i / 200) % 20) || ': no user ' || i end,
      case when i % 10 = 0 then 'key ' || i end,
      case when numbered.id = $1::uuid and i % 100 = 0 then '${BATCH}'::uuid end
    from generate_series(1, ${many}) as i
    cross join lateral (select now() - (${many} - i) * interval '10 milliseconds' as at) as moment
    join numbered on numbered.n = i % 20
    returning id, status, attempts, finished_at, error
  ),
  tried as (
    insert into supaqueue.attempt (job, attempt, outcome, status, begun_at, ended_at, ms, error)
    select id, attempts, 'failed', 500, finished_at, finished_at, 100, error from made where status = 'failed'
    returning job
  )
  insert into supaqueue.job_dependency (source, target)
  select job, job + 1 from tried order by job limit 100000`

/** Twenty tables, each with a hook that has made some of the newest jobs. */
async function hookTables(url: string): Promise<void> {
  const owner = new pg.Client({ connectionString: url })
  await owner.connect()
  try {
    await owner.query(`
      do $$ begin
        for i in 1..20 loop
          execute format('create table public.hooked_%s (id bigint primary key, path text)', i);
          perform supaqueue.on_change(format('public.hooked_%s', i), 'measured', name => format('hook %s', i));
          execute format('insert into public.hooked_%s select n, n::text from generate_series(1, 100) as n', i);
        end loop;
      end $$`)
  } finally {
    await owner.end()
  }
}

type Looks = Record<keyof Routes, Record<string, string>>

/** Every page of the console, and what it asks for: by filters and orders where it has them. */
function looksOf({ pending, failed, half }: { pending: number; failed: number; half: string }): Looks {
  const query = (params: Record<string, string>) => String(new URLSearchParams(params))
  const filter = (of: unknown) => query({ filter: JSON.stringify(of) })
  return {
    'me': { '': '' },
    'overview': { '': '' },
    'queue': { '': 'name=measured' },
    'jobs': {
      'the newest': '',
      'failed': 'status=failed',
      'pending': 'status=pending',
      'held': 'status=held',
      'of one queue': 'queue=measured',
      'failed, of one queue': 'status=failed&queue=measured',
      'until half of the time': query({ until: half }),
      'of a batch': `batch=${BATCH}`,
      ...Object.fromEntries(
        SORTS.flatMap((sort) => [
          [`by ${sort}`, `sort=${sort}`],
          [`failed, by ${sort}`, `sort=${sort}&status=failed`],
          [`of one queue, by ${sort}`, `sort=${sort}&queue=measured`],
        ]),
      ),
      'by a payload that few have': query({ payload: JSON.stringify({ user: { id: 77 } }) }),
      'by a path': query({ where: '$.n == 5', queue: 'measured' }),
      'by an error': query({ error: 'no user 5', status: 'failed' }),
      'by a key': query({ key: 'key 500' }),
    },
    'job': { 'that waits': `id=${pending}`, 'that failed': `id=${failed}` },
    'failures': { '': '', 'of one queue': 'queue=measured', 'by an error': filter({ error: 'cause B' }) },
    'meant': { 'all failed of one queue': 'queue=measured', 'by a path': filter({ where: '$.n > 5' }) },
    'bulk': { '': 'action=1' },
    'bulks': { '': '' },
    'pipelines': { '': '' },
    'graph': { '': `job=${failed}` },
    'schedules': { '': '' },
    'runs': { '': '' },
    'hooks': { '': '' },
    'alerts': { '': '' },
    'audit': { 'all': '', 'of one queue': 'queue=measured' },
    'aside': { '': '' },
    'findings': { '': '' },
    'health': { '': '' },
  }
}

async function measure(
  { options, say }: Bench,
  source: Source,
  health: () => Promise<unknown>,
  url: string,
  many: number,
): Promise<Finding> {
  const routes: Record<string, Route> = makeRoutes({
    source,
    me: { database: '', readOnly: true },
    health: health as never,
  })
  const [known] = await source.read<{ pending: number; failed: number; half: Date }>(
    `select
       (select max(id) from supaqueue.job where status = 'pending') as pending,
       (select max(job) from supaqueue.attempt) as failed,
       (select (min(created_at) + (max(created_at) - min(created_at)) / 2) from supaqueue.job) as half`,
  ) as [{ pending: number; failed: number; half: Date }]
  const pages = looksOf({ ...known, half: known.half.toISOString() })
  const looks: Record<string, () => Promise<unknown>> = {
    ...Object.fromEntries(
      Object.entries(pages).flatMap(([name, queries]) =>
        Object.entries(queries).map(([about, query]) => [
          about === '' ? name : `${name}, ${about}`,
          () => routes[name]!(new URLSearchParams(query)),
        ])
      ),
    ),
    'metrics for Prometheus': () => source.read('select supaqueue.metrics()'),
  }

  const taken = new Map<string, number[]>(Object.keys(looks).map((name) => [name, []]))
  for (let round = 0; round < (options.rounds ?? (options.quick ? 3 : 10)); round++) {
    for (const [name, look] of Object.entries(looks)) {
      const from = performance.now()
      await look()
      taken.get(name)!.push(performance.now() - from)
    }
  }
  say('looked')
  const share = await shareOfConnection(
    url,
    Object.entries(pages).map(([name, queries]) => `${name}?${Object.values(queries)[0]}`),
    options.quick ? 5_000 : 60_000,
  )
  say('watched')

  return {
    tables: [{
      title: `Looks: ${short(many)} jobs in 20 queues`,
      columns: ['', 'ms: median (spread)'],
      rows: [...taken].map(([name, ms]) => [name, spread(ms)]),
      notes: ['As the console reads them, without its cache; the first look of all is among them.'],
    }],
    targets: [
      ...[...taken].map(([name, ms]) => ({
        claim: `${name}: under 300 ms`,
        reached: `${short(median(ms))} ms`,
        held: median(ms) < 300,
      })),
      {
        claim: 'every page left open at once: a twentieth of a connection',
        reached: `${(share * 100).toFixed(1)} %`,
        held: share <= 0.05,
      },
    ],
    samples: { ...Object.fromEntries(taken), share },
  }
}

/** How much of its time one connection would be busy for tabs that are left open, each with one of these reads. */
async function shareOfConnection(url: string, paths: string[], forMs: number): Promise<number> {
  const page = new Map<string, PageFile>()
  const served = await startConsole({ databaseUrl: url, page, readOnly: true })
  const db = new pg.Client({ connectionString: url })
  await db.connect()
  // In milliseconds, of whoever is connected to this database: nobody else is.
  const active = async (): Promise<number> =>
    Number(
      (await db.query('select active_time from pg_stat_database where datname = current_database()')).rows[0]
        .active_time,
    )
  try {
    const token = new URL(served.address).hash.replace('#token=', '')
    const stopped = new AbortController()
    const tab = async (path: string) => {
      while (!stopped.signal.aborted) {
        const response = await fetch(`${served.origin}/api/${path}`, { headers: { authorization: `Bearer ${token}` } })
        if (!response.ok) throw new Error(`${path}: ${await response.text()}`)
        await response.arrayBuffer()
        await sleep(Number(response.headers.get('x-refresh-ms')), undefined, { signal: stopped.signal }).catch(() => {})
      }
    }
    const tabs = paths.map(tab)
    // Connections tell what they did a second later, or when they end.
    await Promise.race([sleep(forMs / 4), ...tabs])
    const [before, from] = [await active(), performance.now()]
    await Promise.race([sleep(forMs), ...tabs])
    const share = (await active() - before) / (performance.now() - from)
    stopped.abort()
    await Promise.all(tabs)
    return share
  } finally {
    await db.end()
    await served.stop()
  }
}
