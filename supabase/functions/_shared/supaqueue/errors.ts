/** What some errors say besides. */
export type ErrorDetails = {
  /** Headers of its answer. */
  headers?: Record<string, string>
  /** What of a request is wrong, and where: `path` leads there from `body`, `path`, `query` or `header`. */
  errors?: { path: string; message: string }[]
  /** False when trying again helps only after somebody has fixed the installation. */
  passing?: boolean
}

/**
 * An error of supaqueue: a code, what is wrong, and a hint that says what to do next. What is deployed has codes of `SQ`
 * and a number like those of HTTP; the program has words besides, such as `option_not_known`.
 */
export class SupaqueueError extends Error {
  readonly code: string
  readonly hint: string
  readonly details: ErrorDetails

  constructor(code: string, message: string, hint: string, details: ErrorDetails = {}) {
    super(message)
    this.name = 'SupaqueueError'
    this.code = code
    this.hint = hint
    this.details = details
  }
}

/** The HTTP status that an error is answered with. */
export const statusOf = ({ code }: SupaqueueError): number => Number(/^SQ([45]\d\d)$/.exec(code)?.[1] ?? 500)

/** The job is no longer this call's: it has ended, or its lease ran out and it may run elsewhere. Stop working on it. */
export class LeaseLost extends SupaqueueError {
  constructor(message: string, hint: string) {
    super('SQ404', message, hint)
    this.name = 'LeaseLost'
  }
}

/** Thrown by a handler, from any depth: the job fails now, and is not tried again. */
export class KillError extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'KillError'
  }
}

/** Thrown by a handler, from any depth: this attempt failed; the next one comes `after` milliseconds. */
export class RetryError extends Error {
  readonly after: number

  constructor(message: string, { after }: { after: number }) {
    super(message)
    this.name = 'RetryError'
    this.after = after
  }
}

/** Given to who waits for a job that failed for good, or was cancelled. */
export class JobFailed extends SupaqueueError {
  readonly job: number
  readonly status: 'failed' | 'cancelled'

  constructor(job: number, queue: string, status: 'failed' | 'cancelled', error: string | null) {
    const end = status === 'failed' ? 'failed' : 'was cancelled'
    super(
      'SQ424',
      `job ${job} of the queue ${queue} ${end}${error ? `: ${error}` : ''}`,
      'supaqueue.attempt has each attempt. Once fixed: retry(job) starts it over.',
    )
    this.name = 'JobFailed'
    this.job = job
    this.status = status
  }
}

/** Thrown by `job.step` and `job.map`: the step threw, and has no tries left for now. `cause` is what it threw, where it was just now. */
export class StepFailed extends SupaqueueError {
  readonly step: string

  constructor(step: string, message: string, cause?: unknown) {
    super(
      'SQ424',
      message,
      'supaqueue.step has each try of it. An error that is caught is remembered: the step is not run again.',
    )
    this.name = 'StepFailed'
    this.step = step
    if (cause !== undefined) this.cause = cause
  }
}

/** Thrown by `job.waitFor` when it was asked to throw: no signal came in time. */
export class WaitTimedOut extends SupaqueueError {
  readonly step: string

  constructor(step: string) {
    super(
      'SQ504',
      `no signal ${step} came in time`,
      'It may still come: what comes late is kept for the next wait by this name.',
    )
    this.name = 'WaitTimedOut'
    this.step = step
  }
}
