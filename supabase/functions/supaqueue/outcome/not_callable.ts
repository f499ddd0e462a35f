import type { Outcome } from '../turn/turn.ts'

/** A call that is not made, and what becomes of the job instead. */
export class NotCallable extends Error {
  readonly outcome: Outcome

  constructor(outcome: Outcome & { error: string }) {
    super(outcome.error)
    this.name = 'NotCallable'
    this.outcome = outcome
  }
}

/** No attempt could ever bring this job to its target: it fails now. `message` says why, `hint` what to do. */
export const notCallable = (message: string, hint: string): NotCallable =>
  new NotCallable({ outcome: 'killed', reached: false, error: `SQ422: ${message}. ${hint}` })

/** The target is not there to be called: an attempt, as any other that fails. */
export const notReached = (error: string): NotCallable => new NotCallable({ outcome: 'failed', reached: false, error })

/** Something that a person has to put in place is missing: the job waits, and its attempts with it. */
export const notYet = (error: string, retry_after_ms: number): NotCallable =>
  new NotCallable({ outcome: 'deferred', error, retry_after_ms })
