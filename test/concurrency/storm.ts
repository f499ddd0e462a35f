import { readFileSync, statSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'
import pg from 'pg'
import type { Stack } from '../../scripts/dev/stack.ts'
import { type Audit, audit } from '../../scripts/soak/audit.ts'
import type { ActName } from '../../scripts/soak/acts/all.ts'
import type { Role } from '../../scripts/soak/client.ts'
import { launchFleet, type LinePlan } from '../../scripts/soak/fleet.ts'
import { startLoad } from '../../scripts/soak/load.ts'
import { accidentsIn } from '../../scripts/soak/log.ts'
import type { Recorder } from '../../scripts/soak/recorder.ts'
import { settle } from '../../scripts/soak/settle.ts'
import type { Visits } from '../../scripts/soak/visits.ts'

export type StormPlan = {
  stack: Stack
  recorder: Recorder
  /** How long clients are at it. */
  seconds: number
  /** Whether the sweep is called while it drains; it never is before that. */
  sweep: boolean
  /** What no client does. */
  without?: ActName[]
  /** What happens meanwhile, beside the clients. `moment` waits until so many milliseconds after the beginning. */
  meanwhile?: (admin: pg.Client, visits: Visits, moment: (ms: number) => Promise<unknown>) => Promise<void>
}

export type Storm = Audit & {
  seed: number
  drained: boolean
  /** The most calls at once of each queue that kept its workers, and how many those were. */
  most: Record<string, { calls: number; workers: number }>
  committed: number
  undone: number
  errors: string[]
  warnings: string[]
  losses: number
  /** What the server wrote into its log and should not have. */
  logged: string[]
}

const queues: LinePlan[] = [
  { kind: 'steady', name: 'one', workers: 1 },
  { kind: 'steady', name: 'two', workers: 2 },
  { kind: 'steady', name: 'five', workers: 5 },
  { kind: 'steady', name: 'ten', workers: 10 },
  // More than one run has concurrency.
  { kind: 'steady', name: 'thirty', workers: 30 },
  { kind: 'elastic', name: 'elastic', workers: 3 },
  { kind: 'elastic', name: 'more elastic', workers: 3 },
  { kind: 'mortal', name: 'mortal', workers: 2 },
  { kind: 'mortal', name: 'more mortal', workers: 2 },
]

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
    mortal: 3,
    holdJob: 1,
    holdWorker: 1,
    processJobs: 4,
  },
  restMs: [0, 40],
}
const others: Role[] = [
  { acts: { resize: 1 }, restMs: [20, 100] },
  { acts: { rebirth: 1 }, restMs: [1000, 1500] },
  { acts: { pauseAndResume: 1 }, restMs: [100, 500] },
]

/** Twenty clients at once for a while; then waits until all is done, and looks at what came of it. */
export async function storm(plan: StormPlan): Promise<Storm> {
  const { stack, recorder, seconds, sweep, without = [], meanwhile = () => Promise.resolve() } = plan
  const seed = Date.now() % 2 ** 31
  const admin = await connect(stack.adminUrl)
  const log = stack.postgres!.log
  const logStart = statSync(log).size

  recorder.visits.forget()
  const fleet = await launchFleet(admin, recorder.visits, queues)
  const roles = [...Array.from({ length: 17 }, () => enqueuer), ...others].map((role) => leaveOut(role, without))
  const load = startLoad({
    databaseUrl: stack.databaseUrl,
    functionsUrl: `${stack.apiUrl}/functions/v1`,
    recorder,
    fleet,
    seed,
    roles,
    order: (random) => ({ ms: random.below(6) }),
    fullAt: 600,
  })
  const begun = Date.now()
  const moment = (ms: number) => pause(begun + ms - Date.now())
  await Promise.all([moment(seconds * 1000), meanwhile(admin, recorder.visits, moment)])
  await load.stop()
  // As things calm down, nothing more gets lost on its way; what was lost before has to be found.
  stack.net!.setIntercept(() => 'send')

  const db = await connect(stack.adminUrl)
  // A turn of a killed dispatcher may come through once its leases have been ended: what it took comes back when its lease is
  // over, 70 seconds later.
  const drained = await settle(db, load.book, { sweep, deadlineMs: 150_000 })
  const found = await audit(db, load.book, recorder.visits)
  await db.query('delete from supaqueue.queue')
  await Promise.all([db.end(), admin.end().catch(() => {})])

  const { committed, undone } = load.book.counts()
  return {
    ...found,
    seed,
    drained,
    most: Object.fromEntries(
      fleet.ofKind('steady').map(({ id, workers, plan }) => [plan.name, { calls: recorder.visits.most(id), workers }]),
    ),
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
