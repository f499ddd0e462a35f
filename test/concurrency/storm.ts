import { readFileSync, statSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'
import pg from 'pg'
import type { Stack } from '../../scripts/dev/stack.ts'
import { type Audit, audit } from '../../scripts/soak/audit.ts'
import type { ActName } from '../../scripts/soak/acts/all.ts'
import type { Role } from '../../scripts/soak/client.ts'
import { makeQueues, type QueuePlan } from '../../scripts/soak/load_queues.ts'
import { startLoad } from '../../scripts/soak/load.ts'
import type { Inserted, Order } from '../../scripts/soak/book.ts'
import type { Random } from '../../scripts/soak/random.ts'
import { accidentsIn } from '../../scripts/soak/log.ts'
import type { Recorder } from '../../scripts/soak/recorder.ts'
import { until } from '../support/until.ts'
import { cameLate } from './kill_dispatcher.ts'
import { settle } from '../../scripts/soak/settle.ts'

export type StormPlan = {
  stack: Stack
  recorder: Recorder
  /** How long clients are at it. */
  seconds: number
  /** Whether the sweep is called while it drains; it never is before that. */
  sweep: boolean
  /** What no client does. */
  without?: ActName[]
  /** Whether what has come of it so far is what the storm is to show; the clients go on until then. */
  enough?: (soFar: SoFar) => boolean
  /** What happens meanwhile, beside the clients. `moment` waits until so many milliseconds after the beginning. */
  meanwhile?: (admin: pg.Client, moment: (ms: number) => Promise<unknown>) => Promise<void>
}

/** What is known of a storm that goes on. */
export type SoFar = {
  /** How many jobs were in a call that died of another, and were done afterwards. */
  divided: number
  /** How many jobs went with their queue. */
  gone: number
  /** How many jobs the function has seen that can only fail. */
  failing: number
  /** The most calls at once of each queue that kept its workers, and how many those were. */
  most: Record<string, { calls: number; workers: number }>
}

export type Storm = Audit & SoFar & {
  seed: number
  drained: boolean
  /** What had not ended when it should have: the jobs, who had them, and what the function saw of them. */
  left: unknown[]
  committed: number
  undone: number
  errors: string[]
  warnings: string[]
  losses: number
  /** What the server wrote into its log and should not have. */
  logged: string[]
}

// A killed process uses up attempts through no fault of the job's, and a storm may kill more often than a queue allows.
const RETRYING = { max_attempts: 10 }

const plans: QueuePlan[] = [
  { kind: 'fixed', name: 'one', workers: 1 },
  { kind: 'fixed', name: 'two', workers: 2 },
  { kind: 'fixed', name: 'five', workers: 5 },
  { kind: 'fixed', name: 'ten', workers: 10 },
  // More than one run has concurrency.
  { kind: 'fixed', name: 'thirty', workers: 30 },
  { kind: 'resized', name: 'resized', workers: 3 },
  { kind: 'resized', name: 'another resized', workers: 3 },
  { kind: 'recreated', name: 'recreated', workers: 2 },
  { kind: 'recreated', name: 'another recreated', workers: 2 },
  { kind: 'fixed', name: 'batches', workers: 4, batch_size: 8, order: withPoison },
  {
    kind: 'fixed',
    name: 'batches by key',
    workers: 3,
    batch_size: 5,
    batch_by: 'key',
    keys: 3,
    order: withPoison,
  },
  { kind: 'fixed', name: 'ordered', workers: 4, ordered: 'key', keys: 6, order: failingOnce },
  {
    kind: 'fixed',
    name: 'ordered, with batches',
    workers: 2,
    ordered: 'key',
    keys: 6,
    batch_size: 4,
    order: failingOnce,
  },
  {
    kind: 'fixed',
    name: 'ordered, goes on after a failure',
    workers: 2,
    ordered: 'key',
    keys: 3,
    after_failure: 'continue',
    // What can only fail uses up all its attempts.
    retry_max_ms: 50,
    order: failing,
  },
  { kind: 'fixed', name: 'ordered as a whole', workers: 1, ordered: 'queue', order: failingOnce },
]

// One of some twenty takes its whole call along, again and again until it is alone.
function withPoison(random: Random): Order {
  return { ...random.chance(0.05) && { do: 'poison' }, ms: random.below(6) }
}
function failingOnce(random: Random): Order {
  return { ...random.chance(0.1) && { do: 'fail once' }, ms: random.below(6) }
}
function failing(random: Random): Order {
  return { ...random.chance(0.1) && { do: 'fail' }, ms: random.below(6) }
}

const enqueuer: Role = {
  acts: {
    plain: 6,
    single: 6,
    bulk: 6,
    rolledBack: 3,
    savepoints: 4,
    long: 1,
    immediate: 2,
    crossing: 3,
    planned: 3,
    intoRecreated: 3,
    holdJob: 1,
    holdWorker: 1,
    processJobs: 4,
  },
  restMs: [0, 40],
}
const others: Role[] = [
  { acts: { resize: 1 }, restMs: [20, 100] },
  { acts: { recreate: 1 }, restMs: [1000, 1500] },
  { acts: { pauseAndResume: 1 }, restMs: [100, 500] },
]

/** Twenty clients at once for a while; then waits until all is done, and looks at what came of it. */
export async function storm(plan: StormPlan): Promise<Storm> {
  const { stack, recorder, seconds, sweep, without = [] } = plan
  const { enough = () => true, meanwhile = () => Promise.resolve() } = plan
  const seed = Date.now() % 2 ** 31
  const admin = await connect(stack.adminUrl)
  const log = stack.postgres!.log
  const logStart = statSync(log).size

  recorder.visits.forget()
  const queues = await makeQueues(admin, recorder.visits, plans.map((plan) => ({ ...RETRYING, ...plan })))
  const roles = [...Array.from({ length: 17 }, () => enqueuer), ...others].map((role) => leaveOut(role, without))
  const load = startLoad({
    databaseUrl: stack.databaseUrl,
    functionsUrl: `${stack.apiUrl}/functions/v1`,
    recorder,
    queues,
    seed,
    roles,
    order: (random) => ({ ms: random.below(6) }),
    fullAt: 600,
  })
  const committedWhere = (is: (job: Inserted) => boolean) => [...load.book.jobs().values()].filter(is).length
  const soFar = (): SoFar => ({
    divided:
      [...recorder.visits.all()].filter(([, visits]) =>
        visits.length > 1 && visits.every(({ call }) => call !== undefined) &&
        visits.some(({ answer }) => answer === 200)
      ).length,
    gone: committedWhere(({ queue }) => !queues.all.some(({ id }) => id === queue)),
    failing: committedWhere(({ id, queue, order }) =>
      (order.do === 'fail' || order.do === 'poison') && recorder.visits.of(id).length > 0 &&
      queues.ofKind('fixed').some(({ id }) => id === queue)
    ),
    most: Object.fromEntries(
      queues.ofKind('fixed').map(({ id, workers, plan }) => [plan.name, { calls: recorder.visits.most(id), workers }]),
    ),
  })
  const begun = Date.now()
  const moment = (ms: number) => pause(begun + ms - Date.now())
  await Promise.all([moment(seconds * 1000), meanwhile(admin, moment)])
  // On a machine that has other things to do, it takes longer until enough has happened.
  await until(() => {
    const { committed, undone } = load.book.counts()
    return Promise.resolve(committed > 500 && undone > 50 && enough(soFar()))
  })
  await load.stop()
  // As things calm down, nothing more gets lost on its way; what was lost before has to be found.
  stack.net!.setIntercept(() => 'send')

  const db = await connect(stack.adminUrl)
  // A turn of a killed dispatcher may come through once its leases have been ended: what it took comes back when its lease is
  // over, 70 seconds later.
  const drained = await settle(db, load.book, { sweep, deadlineMs: 150_000 })
  const found = await audit(
    db,
    load.book,
    recorder.visits,
    (visit) => cameLate(visit, recorder.visits.of(visit.job)),
  )
  const { rows: left } = await db.query(
    `select queue.name, job.id, job.status::text, job.attempts, job.error, job.run_at, job.updated_at, now() as seen_at,
       to_jsonb(current_job) as current_job, to_jsonb(heartbeat) as heartbeat
     from supaqueue.job
     join supaqueue.queue on queue.id = job.queue
     join supaqueue.heartbeat on heartbeat.queue = job.queue
     left join supaqueue.current_job on current_job.job = job.id
     where job.status in ('held', 'pending', 'in_progress')`,
  )
  await db.query('delete from supaqueue.queue')
  await Promise.all([db.end(), admin.end().catch(() => {})])

  const { committed, undone } = load.book.counts()
  return {
    ...found,
    // What was answered as failed was to run again.
    repeats: found.repeats
      .map(({ job, visits }) => ({ job, visits: visits.filter(({ answer }) => answer !== 500) }))
      .filter(({ visits }) => visits.length > 1),
    ...soFar(),
    seed,
    drained,
    left: left.map((row) => ({ ...row, visits: recorder.visits.of(Number(row.id)) })),
    committed,
    undone,
    errors: load.errors.map(String),
    warnings: load.warnings,
    losses: load.losses(),
    logged: accidentsIn(readFileSync(log).subarray(logStart).toString()),
  }
}

async function connect(url: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url })
  client.on('error', () => {})
  await client.connect()
  return client
}

function leaveOut(role: Role, without: ActName[]): Role {
  const acts = Object.entries(role.acts).filter(([name]) => !without.includes(name as ActName))
  return { ...role, acts: Object.fromEntries(acts) }
}
