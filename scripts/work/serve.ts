import { randomUUID } from 'node:crypto'
import { lookup } from 'node:dns/promises'
import { hostname } from 'node:os'
import { SupaqueueError } from '../../supabase/functions/_shared/supaqueue/errors.ts'
import { type Counts, newCounts } from './counts.ts'
import {
  type Ask,
  type Call,
  type Limits,
  makeCaller,
  openDatabase,
  readLimits,
  type Run,
  startRun,
} from './dispatcher.ts'
import { makeFetch } from './fetch.ts'
import { type Listener, openListener } from './listener.ts'
import { openTurns } from './pool.ts'
import type { ServedDatabase } from './databases.ts'

export type Options = {
  /** Names of the queues to serve; all when there are none. */
  queues: string[]
  /** How many calls of one queue are under way at once, at most. */
  concurrency: number
  /** How many connections take turns, at most. */
  connections: number
  log: (line: Record<string, unknown>) => void
}

/** A database that is served. */
export type Served = {
  name: string
  /** Whether it tells us of jobs, at this moment. */
  hears(): boolean
  /** How many queues have a run. */
  runs(): number
  counts: Counts
  /** Settles with the first connection, or rejects with why there is none; it is tried again all the same. */
  connected: Promise<void>
  /** Begins nothing more, and settles when what was begun has ended and is reported. */
  stop(): Promise<void>
}

// The lease of a process is five seconds.
const LEASE_EVERY_MS = 2000

const FIRST_RETRY_MS = 100
const LONGEST_RETRY_MS = 5000

// Nobody counts calls, and nobody ends a process for its age.
const UNBOUNDED: Partial<Limits> = { wall_clock_ms: 86_400_000, run_max_jobs: 10_000_000, run_max_turns: 10_000_000 }

/**
 * Serves the queues of one database: a run for each that has work, begun when the database says so. The connection that
 * listens is the one by which the process says that it lives: while it is broken, the database wakes somebody else.
 */
export function serve(database: ServedDatabase, { queues, concurrency, connections, log }: Options): Served {
  const id = randomUUID()
  const about = { database: database.name }
  const counts = newCounts()
  const turns = openTurns(database, connections)
  const { takeTurn } = openDatabase(counted(turns.ask))
  const runs = new Map<string, Run>()
  const isolate = { bornAt: performance.now(), limits: { ...readLimits({}).limits, ...UNBOUNDED, concurrency } }
  const call = makeCaller({
    functionsUrl: database.functions?.url ?? '',
    key: database.functions?.key ?? '',
    secrets: database.functions?.secrets ?? [],
    fetch: makeFetch(fetch),
    // It repeats nothing.
    once: (body) => body,
    now: Date.now,
    resolve: async (host) => (await lookup(host, { all: true })).map(({ address }) => address),
    allowPrivate: () => isolate.limits.allow_private_targets,
  })
  let listener: Listener | undefined
  let stopping = false
  let awaited: Promise<void> | undefined
  let sweeping = false
  let wake = (): void => {}
  let first: { resolve: () => void; reject: (reason: Error) => void }
  const connected = new Promise<void>((resolve, reject) => first = { resolve, reject })
  connected.catch(() => {})
  const living = live()

  return {
    name: database.name,
    hears: () => listener !== undefined,
    runs: () => runs.size,
    counts,
    connected,
    stop: () => awaited ??= stop(),
  }

  /** Says every two seconds that the process lives, and finds the database again where it is lost. */
  async function live(): Promise<void> {
    let failures = 0
    while (!stopping) {
      try {
        listener = await listen()
        for (let hello = true; listener !== undefined && !stopping; hello = false) {
          await say(listener, { hello })
          if (hello) {
            first.resolve()
            if (failures > 0) log({ ...about, message: 'the database is there again' })
            failures = 0
          }
          await rest(LEASE_EVERY_MS)
        }
        if (stopping) return
      } catch (reason) {
        if (stopping) return
        await disconnect()
        first.reject(reason as Error)
        if (failures === 0) log({ ...about, ...lost(reason as Error) })
      }
      counts.reconnects++
      await rest(Math.min(FIRST_RETRY_MS * 2 ** failures++, LONGEST_RETRY_MS) * (0.5 + Math.random() / 2))
    }
  }

  function listen(): Promise<Listener> {
    return openListener(database, {
      onWord: hear,
      notify: turns.notify,
      onLost(reason) {
        listener = undefined
        log({ ...about, ...lost(reason) })
        wake()
      },
    })
  }

  async function disconnect(): Promise<void> {
    const closing = listener
    listener = undefined
    await closing?.close()
  }

  async function say(to: Listener, more: object): Promise<void> {
    const reply = await to.ask(request(more))
    if (!reply.home) {
      throw new Error('this database is a copy of a project, and calls nobody until it is adopted: npx supaqueue adopt')
    }
    if (stopping) return
    reply.wake.forEach(begin)
    if (reply.sweep && !sweeping) void sweep()
  }

  function request(more: object): object {
    return {
      process: id,
      name: `${hostname()} ${process.pid}`.slice(-50),
      queues: queues.length > 0 ? queues : null,
      functions: database.functions !== undefined,
      project: database.project,
      ...more,
    }
  }

  /** What only the sweep finds must be found where pg_cron does not call it, too. */
  async function sweep(): Promise<void> {
    sweeping = true
    counts.sweeps++
    try {
      await turns.sweep(request({ sweep: true }))
    } catch (reason) {
      log({
        ...about,
        code: 'SQ503',
        message: `the sweep failed: ${(reason as Error).message}`,
        hint: 'It is tried again.',
      })
    }
    sweeping = false
  }

  /** `<queue>` is said to its leader, `<process> <queue>` to who is to begin. */
  function hear(word: string): void {
    counts.notifications++
    const [one = '', queue] = word.split(' ')
    if (queue === undefined) runs.get(one)?.nudge()
    else if (one === id && !stopping) begin(queue)
  }

  function begin(queue: string): void {
    const known = runs.get(queue)
    if (known) return known.nudge()
    const run = startRun({ run: runOf(id), queue }, {
      takeTurn: (request) => takeTurn(request.hello ? { ...request, project: database.project } : request),
      caller: (row, secrets) => watched(call(row, secrets)),
      now: () => performance.now(),
      after(ms, ring) {
        const timer = setTimeout(ring, ms)
        return () => clearTimeout(timer)
      },
      random: Math.random,
      log: (line) => log({ ...about, ...line }),
      isolate,
      own: { ...UNBOUNDED, concurrency },
      hears: () => listener !== undefined,
    })
    runs.set(queue, run)
    run.ended.then(
      (summary) => summary.jobs > 0 && log({ ...about, ...summary }),
      (reason) => log({ ...about, ...accident(reason) }),
    ).finally(() => runs.delete(queue))
  }

  function counted(ask: Ask): Ask {
    return async (request) => {
      const begunAt = performance.now()
      counts.turns++
      try {
        return await ask(request)
      } catch (reason) {
        counts.failedTurns++
        throw reason
      } finally {
        counts.turnSeconds += (performance.now() - begunAt) / 1000
      }
    }
  }

  function watched(call: Call): Call {
    return async (...claims) => {
      const begunAt = performance.now()
      counts.underWay++
      const called = await call(...claims).finally(() => {
        counts.underWay--
        counts.callSeconds += (performance.now() - begunAt) / 1000
      })
      for (const { outcome } of called.outcomes) {
        counts.outcomes.set(outcome, (counts.outcomes.get(outcome) ?? 0) + 1)
      }
      return called
    }
  }

  async function stop(): Promise<void> {
    stopping = true
    wake()
    // First: whom the runs hand over to must not be this process.
    await listener?.ask(request({ stop: true })).catch(() => {})
    for (const run of runs.values()) run.unload()
    await Promise.all([...runs.values()].map(({ ended }) => ended.catch(() => {})))
    await living
    await disconnect()
    await turns.end()
  }

  async function rest(ms: number): Promise<void> {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms)
      wake = () => {
        clearTimeout(timer)
        resolve()
      }
    })
    wake = () => {}
  }
}

/** An id for a run that says whose it is, so that the database knows which queues a process leads: process_states.sql. */
const runOf = (process: string): string => process.slice(0, 13) + randomUUID().slice(13)

// Messages of the driver name host and user, never the password.
const lost = (reason: Error & { hint?: string }) => ({
  code: 'SQ504',
  message: `there is no connection: ${reason.message}`,
  hint: reason.hint ??
    'It is tried again, and nothing is lost: meanwhile the database wakes whoever else serves the queues.',
  // What we say ourselves needs no other words.
  ...(reason instanceof SupaqueueError && { code: reason.code, message: reason.message }),
})

// Not thrown on: it would end the process, and with it the runs of other queues.
const accident = (reason: unknown) => ({
  code: 'SQ500',
  message: `the run broke off: ${reason instanceof Error ? reason.stack : reason}`,
  hint: 'This is a defect of supaqueue; please report it. The leases of its jobs run out, and they are run again.',
})
