import { rpc } from './database.ts'
import { LeaseLost, SupaqueueError } from './errors.ts'
import { decide, type Decisions, decisions, type Details, isDecision } from './decision.ts'
import { type Deps, runtime } from './deps.ts'
import type { Tell } from './step_store.ts'

/** What can be told about a job while it runs, by whoever has its token. Each throws `LeaseLost` when it is too late. */
export type Reports = {
  /** Shows on the job how far it is: `percent` from 0 to 100, and a note. */
  progress(percent: number, note?: string): Promise<void>
  /** Keeps the job for `lease` more milliseconds from now. Returns when the lease ends; it is never shortened. */
  extend(lease: number): Promise<Date>
  /** Ends the job: with a result, or with what one of the functions beside this one makes, such as `kill(message)`. */
  finish(end?: unknown): Promise<void>
}

/** A job that runs, reached by its token: also from another function, when what it waits for arrives there. */
export type CurrentJob<State = unknown> = Decisions<State> & Reports & { readonly token: string }

/** The current job with this token. Nothing is asked yet: a token that is no longer valid shows at the first report. */
export const currentJob = (token: string, deps: Partial<Deps> = {}): CurrentJob => ({
  token,
  ...decisions,
  ...reports(teller(token, { ...runtime, ...deps }), { ...runtime, ...deps }),
})

/** Calls functions of the database by a token. `onLost` hears of it when that turns out to be no longer valid. */
export function teller(token: string, deps: Deps, onLost: (reason: LeaseLost) => void = () => {}): Tell {
  return async (name, args) => {
    if (!token) {
      throw new SupaqueueError(
        'SQ422',
        `supaqueue.${name} needs the token of a current job, and there is none`,
        'It comes with each call, in the header supaqueue-current-job. Is the dispatcher of this version?',
      )
    }
    try {
      return await rpc(deps, name, { token, ...args })
    } catch (reason) {
      if (reason instanceof LeaseLost) onLost(reason)
      throw reason
    }
  }
}

/** What can be told about the job of a token. */
export function reports(tell: Tell, deps: Deps): Reports {
  return {
    async progress(percent, note) {
      await tell('progress', { percent, ...(note !== undefined && { note }) })
    },
    async extend(lease) {
      return new Date(await tell('extend', { lease_ms: Math.ceil(lease) }) as string)
    },
    async finish(end) {
      const { outcome, details } = isDecision(end) ? end : decide('complete', { result: end ?? null })
      if (outcome === 'later') {
        throw new SupaqueueError('SQ422', 'an end cannot be later', 'To keep the job for longer: job.extend(ms).')
      }
      if (details.result instanceof Response) {
        throw new SupaqueueError('SQ422', 'a Response cannot be kept as a result', 'Give what is in it.')
      }
      await tell('finish', { outcome, ...withinReach(details, deps.now()) })
    },
  }
}

// What an integer of Postgres holds: 24 days.
const MAX_INTEGER = 2_147_483_647

const withinReach = ({ after_ms, ...details }: Details, now: number): Details =>
  after_ms !== undefined && after_ms > MAX_INTEGER
    ? { ...details, at: new Date(now + after_ms).toISOString() }
    : { ...details, after_ms }
