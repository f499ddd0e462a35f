import type { Called } from '../call/call.ts'
import type { Claim, TurnAnswer, TurnRequest } from '../turn/turn.ts'
import { type FailedTurns, makeFailedTurns } from './failed_turns.ts'
import { type Budget, type Closed, makeBudget } from './budget.ts'
import { type Calls, makeCalls } from './calls.ts'
import { type Counts, newCounts } from '../log/counts.ts'
import type { Limits } from '../settings/limits.ts'
import { makeReports, type Reports } from './reports.ts'

/** All that a run knows. Times are milliseconds on one clock that never jumps. */
export type State = {
  limits: Limits
  /** Calls that are under way. */
  calls: Calls
  /** Outcomes that the database has not confirmed. */
  reports: Reports
  /** What the run may still take on. */
  budget: Budget
  /** How it bears turns that fail. */
  failedTurns: FailedTurns
  counts: Counts
  /** What the database said last. */
  heard: Pick<TurnAnswer, 'state' | 'leader' | 'wait_ms' | 'back_in_ms' | 'look_ms'>
  /** What the database is known to have been told. */
  told: { hello: boolean; stop: boolean }
  /** How much of the usual a turn may bring: halved by each one that is refused, doubled by each one that is answered. */
  share: number
  /** An answer was lost, and no turn since has asked what it brought. */
  lost: boolean
  /** The turn of the walk that is under way, and the one beside it. */
  turn?: TurnRequest
  beside?: TurnRequest
  /** One of them set out while another was under way. */
  crossed: boolean
  /** More may follow on what came last. Not on a job that was planned: for it alone the run was woken. */
  lingers: boolean
  /** When something last came or went, and when the last turn of the walk began, or told the run when to come back. */
  busyAt: number
  turnedAt: number
  /** The isolate is about to end, and no turn has set out since. */
  unloading: boolean
  /** Somebody said that there is work, and no turn has set out since. */
  nudged: boolean
}

/** What a run is to decide by, at one moment: plain values, as a table can name them. */
export type Situation =
  & Pick<State, 'limits' | 'heard' | 'told' | 'share' | 'lost' | 'lingers' | 'unloading' | 'nudged'>
  & {
    /** Whether the run is told of jobs, at this moment. */
    hears: boolean
    /** How many calls are under way. */
    busy: number
    /** Milliseconds until the database should be told of a call that lasts; undefined when there is none. */
    tellIn?: number
    /** How many reports there are, and milliseconds until one is due; undefined when all are under way. */
    reports: number
    reportIn?: number
    /** How many calls the run has, of how many of them reports are due, and about how long calls take, once one has ended. */
    inHand: number
    ready: number
    callMs?: number
    /** Why no more work is to be taken; how many jobs may be, and whether it is time for a successor. */
    closed?: Closed
    jobsLeft: number
    endsSoon: boolean
    /** Milliseconds until it is. */
    lastsMs: number
    /** The room of the turns that are under way, and whether the one of the walk may put the queue to sleep. */
    turn?: { room: number; sleepy: boolean }
    beside?: { room: number }
    /** For how long nothing has come or gone, and how long ago the last turn began, or said when to come back. */
    quietMs: number
    turnAgoMs: number
    /** How many turns have failed in a row, for how long, and how long to wait before the next one. */
    failures: number
    failingMs: number
    retryMs: number
  }

// The database learns of a call only when it lasts longer: a word costs a write, and often a turn.
export const TELL_AFTER_MS = 50

export function newState(
  { now, random, bornAt, limits, onEnd }: {
    now: () => number
    random: () => number
    bornAt: number
    limits: Limits
    onEnd: (tokens: string[], called: Called) => void
  },
): State {
  return {
    limits,
    calls: makeCalls(now, onEnd),
    reports: makeReports(now),
    budget: makeBudget({ bornAt, now, limits, timeoutMs: 60_000 }),
    failedTurns: makeFailedTurns({ now, random }),
    counts: newCounts(),
    heard: { state: 'awake', leader: false },
    told: { hello: false, stop: false },
    share: 1,
    lost: false,
    crossed: false,
    lingers: true,
    busyAt: now(),
    turnedAt: now(),
    unloading: false,
    nudged: false,
  }
}

export function situationOf(state: State, now: number, hears: boolean): Situation {
  const { calls, reports, budget, failedTurns, busyAt, turnedAt, ...plain } = state
  return {
    ...plain,
    hears,
    busy: calls.count(),
    // These four look at every call or report, and are not always asked for.
    get tellIn() {
      return calls.untoldIn(TELL_AFTER_MS)
    },
    reports: reports.count(),
    get reportIn() {
      return reports.dueIn()
    },
    get inHand() {
      return calls.count() + reports.calls()
    },
    get ready() {
      return reports.calls('due')
    },
    callMs: calls.takeMs(),
    closed: budget.closed(),
    jobsLeft: budget.jobsLeft(),
    endsSoon: budget.endsSoon(),
    lastsMs: budget.lastsMs(),
    quietMs: now - busyAt,
    turnAgoMs: now - turnedAt,
    failures: failedTurns.count(),
    failingMs: failedTurns.lastingMs(),
    retryMs: failedTurns.retryMs(),
  }
}

/** Whether the run has this job already: its call is under way, or its report waits. */
export const holds = ({ calls, reports }: State, { current_job: { id } }: Claim): boolean =>
  calls.has(id) || reports.has(id)
