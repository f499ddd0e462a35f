import type { After } from './run/signal.ts'
import { makeCaller } from './call/call.ts'
import { makeSkew } from './wake/clock.ts'
import { openDatabase } from './turn/database.ts'
import type { Resolve } from './call/guard.ts'
import { readLimits } from './run/limits.ts'
import { type Run, startRun, type World } from './run/run.ts'
import { readSettings } from './settings.ts'
import type { Tick } from './wake/wake_up.ts'
import { makeVerify } from './wake/verify.ts'

/** What the runtime gives. `unixNow` tells the time of day, `now` only ever goes forward; both in milliseconds. */
export type Edge = {
  env: Record<string, string | undefined>
  fetch: typeof fetch
  resolve: Resolve
  unixNow: () => number
  now: () => number
  after: After
  random: () => number
  newId: () => string
  /** Keeps the isolate until the promise settles. */
  background: (work: Promise<unknown>) => void
  log: World['log']
  bornAt: number
}

/** The parts of a dispatcher that outlive a request. */
export type House = {
  /** Throws a `Refusal` unless the request is a tick of the database, fresh and new. */
  verify(request: Request, body: Uint8Array): Promise<void>
  /** Starts a run for the tick's queue and returns its id. */
  start(tick: Tick): string
  /** Tells all runs that the isolate is about to end. */
  unload(): void
}

/** Reads the environment and puts the parts together. Throws a `Refusal` when the environment is incomplete. */
export function openHouse(edge: Edge): House {
  const settings = readSettings(edge.env)
  const database = openDatabase(settings)
  const verify = makeVerify({ now: edge.unixNow, skew: makeSkew(database.clock, edge.unixNow) })
  const runs = new Set<Run>()
  const isolate = { bornAt: edge.bornAt, limits: readLimits({}).limits }
  const world: World = {
    takeTurn: database.takeTurn,
    caller: makeCaller({
      ...settings,
      fetch: edge.fetch,
      resolve: edge.resolve,
      now: edge.unixNow,
      allowPrivate: () => isolate.limits.allow_private_targets,
    }),
    now: edge.now,
    after: edge.after,
    random: edge.random,
    log: edge.log,
    isolate,
  }

  return {
    verify: (request, body) => verify(request, body, settings.secrets),
    start({ queue }) {
      const id = edge.newId()
      const run = startRun({ run: id, queue }, world)
      runs.add(run)
      edge.background(
        run.ended.then(edge.log, (reason) => edge.log(accident(id, reason))).finally(() => runs.delete(run)),
      )
      return id
    },
    unload: () => runs.forEach((run) => run.unload()),
  }
}

// Not thrown on: it would end the isolate, and with it the runs of other queues.
const accident = (run: string, reason: unknown) => ({
  run,
  code: 'SQ500',
  message: `the run broke off: ${reason instanceof Error ? reason.stack : reason}`,
  hint: 'This is a defect of the dispatcher; please report it. The leases of its jobs run out, and they are run again.',
})
