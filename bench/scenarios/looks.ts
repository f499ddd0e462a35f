import { makeRoutes } from '../../scripts/console/routes.ts'
import { openSource, type Source } from '../../scripts/console/source.ts'
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
      bench.say(`filled: ${short(many)} jobs`)
      const source = openSource(copy.ownerUrl)
      try {
        return await measure(bench, source, many)
      } finally {
        await source.end()
      }
    }),
}

// Twenty queues with jobs in every state, of which one in ten failed, of twenty causes; the last hour as busy as the others.
const filling = (many: number) => `
  with further as (
    insert into supaqueue.queue (name, edge_function_name)
    select 'further ' || i, 'noop' from generate_series(1, 19) as i
    returning id
  ),
  heartbeats as (insert into supaqueue.heartbeat (queue) select id from further),
  workers as (insert into supaqueue.worker (queue) select id from further, generate_series(1, 10)),
  numbered as (
    select id, row_number() over () - 1 as n from (select id from further union all select $1::uuid) as queue
  )
  insert into supaqueue.job (queue, status, attempts, created_at, run_at, finished_at, call_ms, payload, error)
  select
    numbered.id,
    (array['success', 'success', 'success', 'pending', 'success', 'pending', 'success', 'failed', 'success', 'held'])[
      1 + (i / 20) % 10]::supaqueue.job_status,
    1, at, at,
    case when (i / 20) % 10 not in (3, 5, 9) then at + interval '1 second' end,
    i % 1000,
    jsonb_build_object('n', i),
    case when (i / 20) % 10 = 7 then 'cause ' || chr(65 + (i / 200) % 20) || ': no user ' || i end
  from generate_series(1, ${many}) as i
  cross join lateral (select now() - (${many} - i) * interval '10 milliseconds' as at) as moment
  join numbered on numbered.n = i % 20`

async function measure({ options, say }: Bench, source: Source, many: number): Promise<Finding> {
  const routes = makeRoutes({
    source,
    me: { database: '', readOnly: true },
    health: () => Promise.resolve({ checks: [] }),
  })
  const [{ id }] = await source.read<{ id: number }>(
    `select max(id) as id from supaqueue.job where status = 'pending'`,
  ) as [{ id: number }]
  const [{ at }] = await source.read<{ at: Date }>(
    `select (min(created_at) + (max(created_at) - min(created_at)) / 2) as at from supaqueue.job`,
  ) as [{ at: Date }]
  const page = (name: string, query = '') => () => routes[name]!(new URLSearchParams(query))
  const looks: Record<string, () => Promise<unknown>> = {
    'the overview': page('overview'),
    'jobs, the newest': page('jobs'),
    'jobs, failed': page('jobs', 'status=failed'),
    'jobs, failed, of one queue': page('jobs', 'status=failed&queue=measured'),
    'jobs, until half of the time': page('jobs', new URLSearchParams({ until: at.toISOString() }).toString()),
    'a job, with why it waits': page('job', `id=${id}`),
    'failures': page('failures'),
    'pipelines': page('pipelines'),
    'schedules': page('schedules'),
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

  return {
    tables: [{
      title: `Looks: ${short(many)} jobs in 20 queues`,
      columns: ['', 'ms: median (spread)'],
      rows: [...taken].map(([name, ms]) => [name, spread(ms)]),
      notes: ['As the console reads them, without its cache; the first look of all is among them.'],
    }],
    targets: [...taken].map(([name, ms]) => ({
      claim: `${name}: under 300 ms`,
      reached: `${short(median(ms))} ms`,
      held: median(ms) < 300,
    })),
    samples: Object.fromEntries(taken),
  }
}
