/** An error of supaqueue. Its code is `SQ` and a number like those of HTTP; its hint says what to do next. */
export class SupaqueueError extends Error {
  readonly code: string
  readonly hint: string

  constructor(code: string, message: string, hint: string) {
    super(message)
    this.name = 'SupaqueueError'
    this.code = code
    this.hint = hint
  }
}

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
      'supaqueue.attempt has each attempt. Once mended: retry(job) begins it anew.',
    )
    this.name = 'JobFailed'
    this.job = job
    this.status = status
  }
}
