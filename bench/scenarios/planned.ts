import { allSucceeded } from '../contenders/all_succeeded.ts'
import type { Bench, Finding, Scenario } from '../scenario.ts'
import { type BenchStack, makeQueue, withStack } from '../stack.ts'
import { quantile, short } from '../stats.ts'
import { countTraffic, type Traffic } from '../traffic.ts'
import { pause, until } from '../wait.ts'

export const planned: Scenario = {
  name: 'planned',
  about: 'how late planned jobs begin, on queues that sleep and that are awake, and what sleeping queues cost',
  measure: (bench) =>
    withStack({ postgres: { settings: { track_functions: 'all' } } }, (stack) => measure(bench, stack)),
}

/** Milliseconds from run_at to the function being entered, one for each job, and what came and went for them. */
type Lateness = { name: string; ms: number[]; traffic: Traffic; queues: number }

/** What queues cost that sleep: for a minute. */
type Rest = { name: string; queues: number; sweeps: number; sweepMs: number; turns: number; commits: number }

async function measure({ options: { quick }, say }: Bench, stack: BenchStack): Promise<Finding> {
  const late: Lateness[] = []
  const measured = async (name: string, queues: number, work: () => Promise<string[]>) => {
    const traffic = countTraffic(stack)
    const ids = await work()
    await until(
      'all planned jobs',
      async () => (await Promise.all(ids.map((id) => isDone(stack, id)))).every(Boolean),
      {
        everyMs: 100,
      },
    )
    const seen = traffic.read()
    traffic.stop()
    late.push({ name, ms: (await Promise.all(ids.map((id) => lateness(stack, id)))).flat(), traffic: seen, queues })
    say(`${name}: p99 ${short(quantile(late.at(-1)?.ms ?? [], 0.99))} ms`)
  }

  const sleepers = quick ? 8 : 60
  await measured('asleep, 16 to 45 s ahead', sleepers, () => eachOnItsOwn(stack, sleepers, 16, quick ? 26 : 45))
  await measured('asleep, 1 to 14 s ahead', sleepers, () => eachOnItsOwn(stack, sleepers, 1, 14, 200))
  await measured('asleep, all due within a second', sleepers, () => eachOnItsOwn(stack, sleepers, 16, 17))
  await measured('asleep, all planned and due within a second', sleepers, () => eachOnItsOwn(stack, sleepers, 1.5, 2.5))
  for (const perSecond of [5, 20, 100]) {
    await measured(`awake, ${perSecond}/s`, 1, () => steady(stack, perSecond, quick ? 4 : 30))
  }

  const rest: Rest[] = []
  for (
    const [name, queues, jobs] of [
      ['no queue more', 0, 0],
      ['1,000 queues that sleep', 1000, 0],
      ['1,000 queues with a job planned for tomorrow each', 0, 1],
    ] as const
  ) {
    await fill(stack, queues, jobs)
    rest.push({ name, ...(await atRest(stack, quick ? 20 : 60)) })
    say(`at rest, ${name}: measured`)
  }

  const crowds = late.filter(({ name }) => name.startsWith('asleep, all'))
  const asleep = late.filter(({ name }) => name.startsWith('asleep') && !name.startsWith('asleep, all'))
  const awake = late.filter(({ name }) => name.startsWith('awake'))
  const most = (some: Lateness[]) => Math.max(...some.map(({ ms }) => quantile(ms, 0.99)))
  return {
    tables: [
      {
        title: 'Planned jobs: from run_at to the function being entered, ms',
        columns: ['', 'n', 'p50', 'p95', 'p99', 'max', 'before its time', 'turns a job', 'wake-ups a job'],
        rows: late.map(({ name, ms, traffic }) => [
          name,
          String(ms.length),
          ...[0.5, 0.95, 0.99, 1].map((q) => short(quantile(ms, q))),
          String(ms.filter((one) => one < 0).length),
          short(traffic.turns / ms.length),
          short(traffic.netRequests / ms.length),
        ]),
        notes: [
          'Asleep: a queue for each job, at a random time; the sweep comes every ten seconds. Of those that are planned 1 to 14 s ahead five come a second. All within a second: planned without a pause, for 16 to 17 s and for 1.5 to 2.5 s later. Awake: one queue, each job planned 1 to 6 s ahead.',
          'Default settings, 10 workers, no-op function. With few samples the p99 is the maximum.',
        ],
      },
      {
        title: 'Planned jobs: what a minute costs while nothing is due',
        columns: ['', 'statements (sweeps)', 'sweep ms', 'turns', 'commits'],
        rows: rest.map(({ name, sweeps, sweepMs, turns, commits }) => [
          name,
          ...[sweeps, sweepMs, turns, commits].map(short),
        ]),
        notes: [
          'A sweep is one statement of pg_cron; commits are of all that runs in the database, autovacuum and pg_cron with it.',
        ],
      },
    ],
    targets: [
      {
        claim: 'planned jobs begin within a second (p99), asleep',
        reached: `${short(most(asleep))} ms`,
        held: most(asleep) <= 1000,
      },
      {
        claim: 'planned jobs begin within a second (p99), awake',
        reached: `${short(most(awake))} ms`,
        held: most(awake) <= 1000,
      },
      ...crowds.map(({ name, ms, queues }) => ({
        claim: `planned jobs begin within a second (p99), ${queues} queues ${name}`,
        reached: `${short(quantile(ms, 0.99))} ms`,
        held: quantile(ms, 0.99) <= 1000,
      })),
      {
        claim: 'a thousand sleeping queues cost no statement more a minute',
        reached: rest.map(({ sweeps, turns }) => short(sweeps + turns)).join(', '),
        held: rest.every(({ turns }) => turns === 0),
      },
    ],
    samples: { late, rest },
  }
}

/** A queue for each job, all of them asleep when it is planned. */
async function eachOnItsOwn(
  stack: BenchStack,
  count: number,
  from: number,
  to: number,
  everyMs = 0,
): Promise<string[]> {
  const ids: string[] = []
  for (let n = 0; n < count; n++) ids.push(await makeQueue(stack.db, 'entered', 10))
  for (const id of ids) {
    await plan(stack, id, from + Math.random() * (to - from))
    await pause(everyMs)
  }
  return ids
}

async function steady(stack: BenchStack, perSecond: number, seconds: number): Promise<string[]> {
  const queue = await makeQueue(stack.db, 'entered', 10)
  const from = performance.now()
  for (let next = from; next < from + seconds * 1000; next += -Math.log(1 - Math.random()) * 1000 / perSecond) {
    await pause(Math.max(0, next - performance.now()))
    await plan(stack, queue, 1 + Math.random() * 5)
  }
  return [queue]
}

const plan = async ({ db }: BenchStack, queue: string, seconds: number): Promise<void> => {
  await db.query(
    `insert into supaqueue.job (queue, run_at) values ($1, clock_timestamp() + $2 * interval '1 second')`,
    [queue, seconds],
  )
}

const isDone = ({ db }: BenchStack, queue: string) => allSucceeded(db, 'supaqueue.job', queue)

async function lateness({ db }: BenchStack, queue: string): Promise<number[]> {
  const { rows } = await db.query<{ ms: number }>(
    `select (result ->> 'at')::float8 - extract(epoch from run_at)::float8 * 1000 as ms
     from supaqueue.job
     where queue = $1
     order by id`,
    [queue],
  )
  return rows.map(({ ms }) => ms)
}

async function fill({ db }: BenchStack, queues: number, jobs: number): Promise<void> {
  await db.query(
    `with made as (
       insert into supaqueue.queue (name, edge_function_name)
       select concat('rest ', i), 'noop' from generate_series(1, $1::integer) as i returning id
     )
     insert into supaqueue.worker (queue) select id from made`,
    [queues],
  )
  await db.query(
    `insert into supaqueue.job (queue, run_at)
     select id, now() + interval '1 day' from supaqueue.queue where name like 'rest %' and $1 > 0`,
    [jobs],
  )
}

async function atRest(stack: BenchStack, seconds: number): Promise<Omit<Rest, 'name'>> {
  const read = async () => {
    // What this connection has counted is told when it is idle for a second.
    const { rows: [row] } = await stack.db.query<{ calls: number; ms: number; commits: number; queues: number }>(
      `select
         coalesce(sum(calls) filter (where schemaname = 'supaqueue' and funcname = 'sweep'), 0)::float8 as calls,
         coalesce(sum(total_time) filter (where schemaname = 'supaqueue' and funcname = 'sweep'), 0)::float8 as ms,
         (select xact_commit::float8 from pg_stat_database where datname = current_database()) as commits,
         (select count(*)::float8 from supaqueue.queue) as queues
       from pg_stat_user_functions`,
    )
    return row as { calls: number; ms: number; commits: number; queues: number }
  }
  // Runs that linger are done by then.
  await pause(12_000)
  const traffic = countTraffic(stack)
  const before = await read()
  await pause(seconds * 1000)
  const after = await read()
  const { turns } = traffic.read()
  traffic.stop()
  const aMinute = 60 / seconds
  return {
    queues: after.queues,
    sweeps: (after.calls - before.calls) * aMinute,
    sweepMs: (after.ms - before.ms) * aMinute,
    turns: turns * aMinute,
    commits: (after.commits - before.commits) * aMinute,
  }
}
