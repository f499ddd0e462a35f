import type { Outcome } from './outcome.ts'

/** A call that is not made, and what becomes of the job instead. */
export class Unsent extends Error {
  readonly outcome: Outcome

  constructor(outcome: Outcome & { error: string }) {
    super(outcome.error)
    this.name = 'Unsent'
    this.outcome = outcome
  }
}

/** No attempt could ever bring this job to its target: it fails now. `message` says why, `hint` what to do. */
export const cannotBeSent = (message: string, hint: string): Unsent =>
  new Unsent({ outcome: 'killed', error: `SQ422: ${message}. ${hint}` })

/** Something that a person has to put in place is missing: the job waits, and its attempts with it. */
export const notYet = (error: string, retry_after_ms: number): Unsent =>
  new Unsent({ outcome: 'deferred', error, retry_after_ms })
