import { randomUUID } from 'node:crypto'
import type { Call, Called } from '../../../../../supabase/functions/supaqueue/call/call.ts'
import { readLimits } from '../../../../../supabase/functions/supaqueue/settings/limits.ts'
import { type Deps, type Run, startRun } from '../../../../../supabase/functions/supaqueue/run/run.ts'
import type { Summary } from '../../../../../supabase/functions/supaqueue/log/counts.ts'
import { makeClock } from './clock.ts'
import { makeDatabase } from './database.ts'

export const success: Called = { outcomes: [{ outcome: 'success', status: 200, result: null }], chainSpent: false }
export const spent: Called = { outcomes: [{ outcome: 'not_run', retry_after_ms: 700 }], chainSpent: true }

/** A run, a database and a function that answers after `callMs`, or when told to; all on one clock. */
export function makeStage(
  { callMs, answer = () => success, ...options }: Parameters<typeof makeDatabase>[1] & {
    /** Without it, calls end when the test says so. */
    callMs?: (job: number) => number
    answer?: (job: number) => Called
  } = {},
) {
  const clock = makeClock()
  const database = makeDatabase(clock, options)
  const underWay = new Map<number, (called: Called) => void>()
  const stage = {
    clock,
    database,
    logs: [] as Record<string, unknown>[],
    /** How often each job was called. */
    calls: new Map<number, number>(),
    mostCallsAtOnce: 0,
    underWay,
    ended: [] as Summary[],
    /** Those that ended while the database took them for the leader. */
    missed: [] as Summary[],
    isolate: { bornAt: 0, limits: readLimits({}).limits },
    start,
    /** Ends the call of a job. */
    end: (job: number, called = success) => underWay.get(job)?.(called),
  }

  const call: Call = (claim) => {
    const job = Number(claim.job.id)
    stage.calls.set(job, (stage.calls.get(job) ?? 0) + 1)
    return new Promise((resolve) => {
      const end = (called: Called) => {
        underWay.delete(job)
        resolve(called)
      }
      underWay.set(job, end)
      stage.mostCallsAtOnce = Math.max(stage.mostCallsAtOnce, underWay.size)
      if (callMs) clock.after(callMs(job), () => end(answer(job)))
    })
  }

  const deps: Deps = {
    takeTurn: (request) => database.takeTurn(request),
    caller: () => call,
    now: clock.now,
    after: clock.after,
    random: () => 1,
    log: (line) => stage.logs.push(line),
    isolate: stage.isolate,
  }
  return stage

  function start(): Run {
    const run = startRun({ run: randomUUID(), queue: database.queue.id }, deps)
    void run.ended.then((summary) => {
      stage.ended.push(summary)
      if (database.heartbeat.run === summary.run && database.heartbeat.until > clock.now()) stage.missed.push(summary)
    })
    return run
  }
}

/** Something to wait at until the test opens it. */
export function makeGate() {
  let open = () => {}
  const opened = new Promise<void>((resolve) => open = resolve)
  return { opened, open }
}

export type Stage = ReturnType<typeof makeStage>
