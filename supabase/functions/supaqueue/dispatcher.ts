import { makeCaller } from './call/call.ts'
import type { Resolve } from './target/guard.ts'
import { readLimits } from './settings/limits.ts'
import { type Deps as RunDeps, type Run, startRun } from './run/run.ts'
import type { After } from './util/signal.ts'
import { makeWarn } from './log/warn.ts'
import { readSettings } from './settings/settings.ts'
import { openTracer } from './trace/tracer.ts'
import { type Connect, directOr } from './direct/direct.ts'
import { rpc } from './turn/rpc.ts'
import { fingerprintOf } from './signature/fingerprint.ts'
import { openDatabase } from './turn/transport.ts'
import { makeSkew } from './signature/clock.ts'
import type { Deps as HandleDeps } from './wake/handle.ts'
import { makeVerify } from './signature/verify.ts'

/** What the runtime gives. `unixNow` tells the time of day, `now` only ever goes forward; both in milliseconds. */
export type Deps = {
  env: Record<string, string | undefined>
  fetch: typeof fetch
  resolve: Resolve
  /** Connects to the database; called only where SUPAQUEUE_DB_URL is set. */
  connect: Connect
  unixNow: () => number
  now: () => number
  after: After
  random: () => number
  newId: () => string
  /** Keeps the isolate until the promise settles. */
  background: (work: Promise<unknown>) => void
  log: RunDeps['log']
  bornAt: number
}

/** The parts of a dispatcher that outlive a request. */
export type Dispatcher = HandleDeps & {
  /** Tells all runs that the isolate is about to end. */
  unload(): void
}

/** Reads the environment and puts the parts together. Throws a `SupaqueueError` when the environment is incomplete. */
export function openDispatcher(deps: Deps): Dispatcher {
  const settings = readSettings(deps.env)
  const overRpc = rpc({ ...settings, fetch: deps.fetch })
  const verify = makeVerify({ now: deps.unixNow, skew: makeSkew(openDatabase(overRpc).clock, deps.unixNow) })
  const fingerprints = Promise.all(settings.secrets.map(fingerprintOf))
  const runs = new Set<Run>()
  const isolate = { bornAt: deps.bornAt, limits: readLimits({}).limits, directAfter: 0 }
  const caller = makeCaller({
    ...settings,
    fetch: deps.fetch,
    resolve: deps.resolve,
    now: deps.unixNow,
    allowPrivate: () => isolate.limits.allow_private_targets,
  })
  const tracer = openTracer({ ...deps, project: settings.supabaseUrl, now: deps.unixNow })
  const { now, after, random, log } = deps
  const runDeps = { now, after, random, log, isolate, caller: tracer ? tracer.traced(caller) : caller }

  return {
    verify: (request, body) => verify(request, body, settings.secrets),
    start({ queue }) {
      const id = deps.newId()
      const transport = openTransport({ run: id, queue })
      const { takeTurn } = openDatabase(transport.ask)
      const run = startRun({ run: id, queue }, {
        ...runDeps,
        takeTurn: async (request) =>
          takeTurn(
            request.hello ? { ...request, project: settings.supabaseUrl, fingerprints: await fingerprints } : request,
          ),
      })
      runs.add(run)
      const over = async () => {
        runs.delete(run)
        transport.close()
        await tracer?.flush()
      }
      deps.background(run.ended.then(deps.log, (reason) => deps.log(accident(id, reason))).finally(over))
      return id
    },
    unload: () => runs.forEach((run) => run.unload()),
  }

  function openTransport(about: { run: string; queue: string }): ReturnType<typeof directOr> {
    if (!settings.direct) return { ask: overRpc, close: () => {} }
    return directOr(overRpc, { ...settings.direct, ...deps, isolate, warn: makeWarn(deps.log, about) })
  }
}

// Not thrown on: it would end the isolate, and with it the runs of other queues.
const accident = (run: string, reason: unknown) => ({
  run,
  code: 'SQ500',
  message: `the run broke off: ${reason instanceof Error ? reason.stack : reason}`,
  hint: 'This is a defect of the dispatcher; please report it. The leases of its jobs run out, and they are run again.',
})
