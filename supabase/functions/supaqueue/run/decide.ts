import type { Report, TurnRequest } from '../turn/turn.ts'
import type { Situation } from './state.ts'

// What a run does next, and what a turn asks. Nothing in here touches anything.

/** What a run does next: takes a turn, waits until something happens or the time is over, or ends. */
export type Step = { do: 'turn' } | { do: 'wait'; ms: number | undefined } | { do: 'end'; reason: string }

// With so many calls in hand results come in crowds: a short wait brings several, more than waiting for half would.
const CROWD = 20
// Below, only with so many is there something to gather, and of short calls only: others hardly end within the wait.
const FEW = 4
const SHORT_CALL = 4

// What one turn may bring, in bytes of payload: about a third of a second of the database's eight.
const MOST_BYTES = 4_000_000
const LEAST_BYTES = 65_536

// A job that has just come is often followed by another. After so long without one, looking less often will do: looks
// that find nothing are paid for, too.
const BRISK_MS = 100

// The heartbeat of a leader counts for five seconds.
const MOST_WAIT_MS = 2000

// What a lost answer brought is worth asking for until then. Afterwards the sweep has given it back.
const CLAIM_LEASE_MS = 15_000

export function next(now: Situation): Step {
  if (isOver(now)) {
    return { do: 'end', reason: now.failures > 0 ? 'database away' : now.closed ?? now.heard.state }
  }
  const ms = now.failures > 0 ? 0 : dueIn(now)
  return ms === 0 ? { do: 'turn' } : { do: 'wait', ms }
}

function isOver(
  { busy, reports, beside, failures, failingMs, closed, told, heard, limits, nudged }: Situation,
): boolean {
  const isIdle = busy === 0 && reports === 0 && !beside && !(nudged && !closed)
  if (failures > 0) {
    return isIdle ? closed !== undefined && failingMs > CLAIM_LEASE_MS : failingMs > limits.wall_clock_ms
  }
  const isDone = heard.state !== 'awake' && !heard.back_in_ms
  return isIdle && (isDone || (closed !== undefined && told.stop))
}

/** Milliseconds until the next turn; undefined when only a result can make one. */
function dueIn(now: Situation): number | undefined {
  const { closed, told, beside, heard, busy } = now
  if (closed && !told.stop) return 0
  if (now.nudged && !closed && !beside) return 0
  // The leader looks for the whole queue. Another run looks once more when its calls are done, to be told to leave.
  // Not while a turn is under way: the worker that it frees would be invisible to the look.
  const looks = !closed && !beside && (heard.state === 'awake' ? heard.leader || busy === 0 : heard.back_in_ms)
  // Soon, since until then a call does not count that a dead dispatcher has made.
  const tellIn = beside ? undefined : now.tellIn
  const times = [looks ? lookIn(now) : undefined, now.reportIn, tellIn].filter((ms) => ms !== undefined)
  return times.length === 0 ? undefined : Math.min(...times)
}

/** Counted from the beginning of the last turn, so that slow turns do not make the looks rarer. */
function lookIn({ quietMs, turnAgoMs, limits, heard, hears }: Situation): number {
  const told = hears ? heard.look_ms : undefined
  const pace = told ?? (quietMs < BRISK_MS ? limits.poll_ms : limits.poll_ms * 1.5)
  // The queue sleeps: whoever enqueues meanwhile wakes a run.
  if (heard.back_in_ms) return Math.max(0, heard.back_in_ms - turnAgoMs)
  // No look is of use before; but the queue has to be kept awake.
  const wait = Math.min(heard.wait_ms ?? 0, MOST_WAIT_MS)
  return Math.max(0, Math.max(pace, wait) - turnAgoMs)
}

/** How long to hold back a turn that is due, whatever comes meanwhile. */
export function pauseBefore({ failures, retryMs, reportIn, inHand, closed, told, limits }: Situation): number {
  if (failures > 0) return retryMs
  if (reportIn !== 0 || closed === 'unload') return 0
  // Every turn of a run that stops calls a successor: a few turns will do.
  if (told.stop) return limits.poll_ms
  return inHand >= CROWD ? limits.gather_ms / 2 : 0
}

/**
 * Whether a turn that is due waits for more results, for `gather_ms` at most: a turn costs the database about as much
 * whatever it brings. Until half of the calls that the run has are back: then one half is called while the other is reported.
 */
export function gathers({ inHand, ready, callMs, failures, nudged, closed, limits }: Situation): boolean {
  if (failures > 0 || nudged || closed || inHand < FEW || inHand >= CROWD) return false
  return ready > 0 && ready < inHand / 2 && callMs !== undefined && callMs <= SHORT_CALL * limits.gather_ms
}

/**
 * Whether a second turn sets out beside the one that is under way, with what has come: only when nothing else will come
 * before that one is answered. Not beside one that may put the queue to sleep: nobody would know which came last.
 */
export const mayTurnBeside = ({ turn, beside, lost, busy, told, closed, endsSoon }: Situation): boolean =>
  turn !== undefined && !turn.sleepy && !beside && !lost && busy === 0 && told.hello && !closed && !endsSoon

/** Whether the next turn must be alone: what the run holds, and that it ends, is only true while nothing is on its way. */
export const mustBeAlone = ({ lost, closed, endsSoon }: Situation): boolean => lost || closed !== undefined || endsSoon

/** What a turn brings: the reports that are due, calls that went out, all tokens that the run has, and the number of the turn. */
export type Cargo = { run: string; queue: string; reports: Report[]; called: string[]; tokens: string[]; turns: number }

export function compose(now: Situation, { run, queue, reports, called, tokens, turns }: Cargo): TurnRequest {
  const { limits, heard, told, share, lost, busy, closed, turn, beside } = now
  const stop = closed !== undefined
  // In every turn from then on, or the run would become the leader again before its successor is there.
  const retire = !stop && now.endsSoon
  const listens = now.hears && !stop && !retire && heard.leader && heard.state === 'awake'
  const isQuiet = reports.length === 0 && !beside && (!now.lingers || now.quietMs >= limits.linger_ms)
  const sleepy = !stop && !retire && heard.leader && heard.state === 'awake' && isQuiet
  // Whatever else is under way may fill the room that it was sent with.
  const promised = (turn?.room ?? 0) + (beside?.room ?? 0)
  const most = Math.max(1, Math.ceil(limits.concurrency * share))
  return {
    run,
    queue,
    reports,
    room: Math.max(0, Math.min(most, limits.concurrency - busy - promised, now.jobsLeft - promised)),
    sleepy,
    ...((sleepy || !told.hello) && { back_in_ms: Math.floor(now.lastsMs) }),
    stop,
    retire,
    // The lost answer may have held jobs: the database finds them by what is missing here.
    have: lost ? tokens : null,
    called,
    max_bytes: Math.max(LEAST_BYTES, Math.floor(MOST_BYTES * share)),
    turns,
    ...(listens && { listen: true }),
    hello: !told.hello,
  }
}
