import { KillError, RetryError, SupaqueueError } from './errors.ts'
import { reasonOf } from './reason.ts'
import { milliseconds, timeOf } from './times.ts'

// By a name that all copies of the kit share: a project may have one from npm and one in _shared.
const DECISION: unique symbol = Symbol.for('supaqueue.decision') as never

export const OUTCOMES = ['complete', 'reject', 'reschedule', 'kill', 'drop', 'continue', 'park', 'later'] as const
export type Outcome = typeof OUTCOMES[number]

/** What goes with an outcome, as it travels. */
export type Details = {
  message?: string
  at?: string
  after_ms?: number
  state?: unknown
  lease_ms?: number
  result?: unknown
}

/** What a handler says of its job, other than by a result. Made by the functions of `job`. */
export type Decision = { readonly [DECISION]: true; readonly outcome: Outcome; readonly details: Details }

/** When a job is to run: at a time, or so many milliseconds from now. */
export type When = { at: Date | string; after?: undefined } | { after: number; at?: undefined }

export const decide = (outcome: Outcome, details: Details = {}): Decision => ({ [DECISION]: true, outcome, details })

export const isDecision = (value: unknown): value is Decision =>
  typeof value === 'object' && value !== null && DECISION in value

/** What a handler may say of its job. `State` is what slices hand on. Each is to be returned (or thrown). */
export type Decisions<State = unknown> = {
  /** Again at that time, as if for the first time: no attempt is used. `after` in milliseconds. */
  reschedule(when: When): Decision
  /** Failed for good: not tried again. */
  kill(message: string): Decision
  /** Forget the job: its row is deleted. */
  drop(): Decision
  /** This attempt failed. The next one comes after the queue's delay, or `after` milliseconds. */
  reject(message: string, options?: { after?: number }): Decision
  /** This slice is done. The next call has `state`, at once or `after` milliseconds; no attempt is used. */
  continueWith(state: State, options?: { after?: number }): Decision
  /** Not before somebody releases it: for a version of the payload that this function does not know. No attempt is used. */
  park(message: string): Decision
  /**
   * The end will be told by `finish`. The job keeps its worker for `lease` milliseconds (default: the queue's timeout
   * and a little more), and for as long as `extend` says.
   */
  later(options?: { lease?: number }): Decision
}

export const decisions: Decisions = {
  reschedule: ({ at, after }) =>
    at === undefined
      ? decide('reschedule', { after_ms: milliseconds('after', after) })
      : decide('reschedule', { at: timeOf(at) }),
  kill: (message) => decide('kill', { message: textOf(message) }),
  drop: () => decide('drop'),
  reject: (message, { after } = {}) =>
    decide('reject', { message: textOf(message), after_ms: optional('after', after) }),
  continueWith: (state, { after } = {}) =>
    decide('continue', { state: handedOn(state), after_ms: optional('after', after) }),
  park: (message) => decide('park', { message: textOf(message) }),
  later: ({ lease } = {}) => decide('later', { lease_ms: optional('lease', lease, 1) }),
}

/** What became of the work: what it returned or threw, as something said. Never fails. */
export async function decisionOf(work: () => unknown, log: (reason: unknown) => void): Promise<Decision> {
  try {
    const result = await work()
    return isDecision(result) ? result : decide('complete', { result: result ?? null })
  } catch (reason) {
    if (isDecision(reason)) return reason
    if (reason instanceof KillError) return decisions.kill(reason.message)
    if (reason instanceof RetryError) {
      return decide('reject', { message: textOf(reason.message), after_ms: wait(reason) })
    }
    // The message goes to the job's row, the stack no further than the function's own log.
    log(reason)
    return decisions.reject(reasonOf(reason))
  }
}

const wait = ({ after }: RetryError) => Number.isFinite(after) && after >= 0 ? Math.ceil(after) : undefined

// Of a message, more than this is of no use in a table.
const MAX_MESSAGE = 1000

const textOf = (message: string): string => String(message).slice(0, MAX_MESSAGE)

function handedOn(state: unknown): unknown {
  if (state !== undefined && state !== null) return state
  throw new SupaqueueError(
    'SQ422',
    'there is no state to continue with',
    'Hand on where the next slice begins. Null is what the first one finds. To start over: job.reschedule({ after: 0 }).',
  )
}

const optional = (name: string, ms: number | undefined, least = 0) =>
  ms === undefined ? undefined : milliseconds(name, ms, least)
