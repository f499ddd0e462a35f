import type { Outcome } from '../turn/turn.ts'

/** What a run did, in one line of the log. `ms` is how long it lived. */
export type Summary = {
  run: string
  queue: string
  /** `asleep` and `leave` as the database said, the budget that ended, or `database away`. */
  reason: string
  ms: number
  turns: number
  jobs: number
} & Record<Outcome['outcome'], number>

/** Nothing yet. */
export const newCounts = () => ({
  turns: 0,
  jobs: 0,
  success: 0,
  failed: 0,
  unknown: 0,
  divided: 0,
  not_run: 0,
  deferred: 0,
  rescheduled: 0,
  killed: 0,
  dropped: 0,
  continued: 0,
  parked: 0,
  later: 0,
})

export type Counts = ReturnType<typeof newCounts>
