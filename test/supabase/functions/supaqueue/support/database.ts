import { randomUUID } from 'node:crypto'
import { SupaqueueError } from '../../../../../supabase/functions/_shared/supaqueue/errors.ts'
import type { Report, TurnAnswer, TurnRequest } from '../../../../../supabase/functions/supaqueue/turn/turn.ts'
import type { Clock } from './clock.ts'

type Claim = { token: string; job: number; run: string | null }
type Fault = 'request lost' | 'answer lost'

export const networkFault = () =>
  new SupaqueueError('SQ503', 'the turn failed: no network', 'Try again.', { passing: true })

/**
 * A queue in memory that keeps the turn's contract (docs/reference/turn.md): workers, jobs, claims, a heartbeat, wake-ups.
 * Leases do not run out in it, so a job that is called twice was called twice by the dispatcher.
 */
export function makeDatabase(clock: Clock, { workers = 3, jobs = 0, turnMs = 0, timeoutMs, settings = {} }: {
  workers?: number
  jobs?: number
  turnMs?: number
  /** Timeouts that jobs have of their own. */
  timeoutMs?: (job: number) => number | undefined
  settings?: Record<string, string>
} = {}) {
  const queue = {
    id: randomUUID(),
    name: 'mail',
    edge_function_name: 'mail',
    default_headers: {},
    max_attempts: 3,
    timeout_ms: 60_000,
  }
  const pending: { id: number; at: number }[] = Array.from({ length: jobs }, (_, id) => ({ id, at: 0 }))
  const claims: Claim[] = []
  const heartbeat = { run: null as string | null, until: -Infinity }
  let lastJob = jobs
  let underWay = 0

  const database = {
    queue,
    workers,
    requests: [] as TurnRequest[],
    /** When each turn arrived. */
    times: [] as number[],
    reports: [] as Report[],
    finished: new Map<number, Report['outcome']>(),
    wakeUps: 0,
    /** How long the queue's rate limit says to wait. */
    waitMs: undefined as number | undefined,
    mostTurnsAtOnce: 0,
    claims,
    pending,
    heartbeat,
    /** Faults of the next turns, in order; undefined is a turn without one. */
    faults: [] as (Fault | undefined)[],
    /** How long the answers of the next turns are on their way, in order. */
    answerMs: [] as number[],
    /** While true, every turn is refused. */
    away: false,
    /** Tokens whose rows somebody else has locked. */
    locked: new Set<string>(),
    /** The turns wait here. */
    gate: Promise.resolve(),

    enqueue(count: number, inMs = 0): void {
      for (let added = 0; added < count; added++) pending.push({ id: lastJob++, at: clock.now() + inMs })
      if (heartbeat.until <= clock.now()) database.wakeUps++
    },

    takeTurn: async (request: TurnRequest): Promise<TurnAnswer> => {
      database.mostTurnsAtOnce = Math.max(database.mostTurnsAtOnce, ++underWay)
      database.requests.push(structuredClone(request))
      database.times.push(clock.now())
      const fault = database.faults.shift()
      const answerMs = database.answerMs.shift()
      try {
        await database.gate
        if (turnMs > 0) await clock.sleep(turnMs)
        if (database.away || fault === 'request lost') throw networkFault()
        const answer = turn(request)
        if (answerMs) await clock.sleep(answerMs)
        if (fault === 'answer lost') throw networkFault()
        return structuredClone(answer)
      } finally {
        underWay--
      }
    },
  }
  return database

  function turn(request: TurnRequest): TurnAnswer {
    const again: string[] = []
    const stale: string[] = []
    for (const report of request.reports) {
      const claim = claims.find(({ token, run }) => token === report.token && run === request.run)
      if (!claim) stale.push(report.token)
      else if (database.locked.has(report.token)) again.push(report.token)
      else finish(claim, report)
    }

    const { run } = request
    const resent = request.have
      ? claims.filter((claim) => claim.run === run && !request.have?.includes(claim.token))
      : []
    const taken = [...resent]
    const take = (count: number, claimsOf: () => Claim[]) => {
      for (const claim of claimsOf().slice(0, Math.max(0, count))) {
        claim.run = run
        taken.push(claim)
      }
    }
    take(request.room - taken.length, () => claims.filter((claim) => claim.run === null))
    take(request.room - taken.length, () => claim(request.room - taken.length))
    if (claim(25).length > 0) database.wakeUps++

    const now = clock.now()
    const wasLeader = heartbeat.run === run
    const isLeader = !request.retire && (wasLeader || heartbeat.run === null || heartbeat.until <= now)
    const due = () => pending.some(({ at }) => at <= now + 10_000) && claims.length < database.workers
    const nextInMs = Math.min(...pending.map(({ at }) => at - now))
    const mayWait = claims.length < database.workers && nextInMs >= 250 && nextInMs <= (request.back_in_ms ?? 0)
    let backInMs: number | undefined
    let state: TurnAnswer['state'] = isLeader ? 'awake' : 'leave'
    if (!isLeader && (request.reports.length > 0 || taken.length > 0)) state = 'awake'
    if (isLeader) Object.assign(heartbeat, { run, until: now + 5000 })
    if (request.retire) {
      if (wasLeader) {
        database.wakeUps++
        Object.assign(heartbeat, { run: null, until: now + 5000 })
      }
    } else if (request.stop) {
      const left = due() || claims.some((claim) => claim.run === null)
      if (left) database.wakeUps++
      if (isLeader) Object.assign(heartbeat, { run: null, until: left ? now + 5000 : -Infinity })
      state = 'leave'
    } else if (isLeader && taken.length === 0 && (mayWait || request.sleepy && !due())) {
      Object.assign(heartbeat, { run: null, until: -Infinity })
      state = 'asleep'
      if (mayWait) backInMs = nextInMs
    }

    return {
      now_ms: now,
      queue: taken.length > 0 ? queue : null,
      jobs: taken.map(({ token, job }) => ({
        current_job: { id: token },
        job: { id: job, payload: `{"n":${job}}`, attempts: 1, timeout_ms: timeoutMs?.(job) },
      })),
      again,
      stale,
      state,
      leader: isLeader && state === 'awake',
      back_in_ms: backInMs,
      wait_ms: database.waitMs,
      settings: request.hello ? settings : null,
    }
  }

  function finish(claim: Claim, report: Report): void {
    claims.splice(claims.indexOf(claim), 1)
    database.reports.push(report)
    if (report.outcome === 'not_run') pending.push({ id: claim.job, at: clock.now() + (report.retry_after_ms ?? 1000) })
    else database.finished.set(claim.job, report.outcome)
  }

  function claim(most: number): Claim[] {
    const fresh: Claim[] = []
    while (fresh.length < most && claims.length < database.workers) {
      const next = pending.findIndex(({ at }) => at <= clock.now())
      if (next < 0) break
      const [job] = pending.splice(next, 1)
      const claim = { token: randomUUID(), job: job!.id, run: null }
      claims.push(claim)
      fresh.push(claim)
    }
    return fresh
  }
}

export type Database = ReturnType<typeof makeDatabase>
