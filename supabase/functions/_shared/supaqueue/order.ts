import type { Database } from './database_types.ts'
import { milliseconds, timeOf } from './times.ts'

/** When a job is to begin at the earliest: at a time, or so many milliseconds from now; left out, at once. */
export type Begin = { at?: Date | string; after?: undefined } | { after?: number; at?: undefined }

/** What may be said of a single job, beside its payload. What is left out is as the queue has it. */
export type JobOptions = Begin & {
  /** Higher first. Default 0. */
  priority?: number
  /** Names what the job is about: while a job with this key has not ended, there is no second one. */
  dedupeKey?: string
  /** Waits until somebody releases it. */
  held?: boolean
  /** Sent with the call. */
  headers?: Record<string, string>
  /** Of the payload's shape: a function that does not know it yet may park the job. */
  version?: number
  maxAttempts?: number
  /** How long the call may take, in milliseconds. */
  timeout?: number
  /** Jobs with the same key share the queue's limit per key. */
  concurrencyKey?: string
}

/** What happens when another job has the `dedupeKey`: an error (`SQ409`, the default), nothing, or that job becomes this one. */
export type OnConflict = 'error' | 'skip' | 'replace'

export type EnqueueOptions = JobOptions & Burst & {
  onConflict?: OnConflict
  /** Waits until these jobs have ended. */
  dependsOn?: number[]
}

/** Many with one key become few jobs. */
export type Burst = {
  /**
   * Runs so many milliseconds after the last job with this `dedupeKey` was enqueued, with its payload. The `dedupe_until` of
   * the queue is `begun`.
   */
  debounce?: number
  /** With `debounce`: runs so many milliseconds after the first of them at the latest. */
  maxWait?: number
  /** The first job with this `dedupeKey` runs at once, then one per so many milliseconds, with the last payload. */
  throttle?: number
}

export type EnqueueManyOptions = Burst & {
  /** Of the batch that they become. */
  label?: string
  /** One for all. */
  onConflict?: OnConflict
}

/** When to begin, by the clock of this machine; undefined for at once. Throws `SQ422` for a time that is none. */
export const beginOf = ({ at, after }: Begin): string | undefined => {
  if (after !== undefined) return timeOf(new Date(Date.now() + milliseconds('after', after)), 'after')
  return at === undefined ? undefined : timeOf(at)
}

type Order = Omit<Database['supaqueue']['Functions']['enqueue']['Args'], 'queue' | 'payload'>

/** The options as the database names them. Throws `SQ422` for times that are none. */
export const orderOf = ({ at, after, ...options }: JobOptions): Order => ({
  priority: options.priority,
  dedupe_key: options.dedupeKey,
  held: options.held,
  headers: options.headers,
  version: options.version,
  max_attempts: options.maxAttempts,
  timeout_ms: options.timeout === undefined ? undefined : milliseconds('timeout', options.timeout, 1),
  concurrency_key: options.concurrencyKey,
  run_at: at === undefined ? undefined : timeOf(at),
  delay: after === undefined ? undefined : `${milliseconds('after', after)} milliseconds`,
})

const intervalOf = (name: string, ms: number | undefined): string | undefined =>
  ms === undefined ? undefined : `${milliseconds(name, ms, 1)} milliseconds`

/** How many jobs with the same key become few, as the database names it. Throws `SQ422` for times that are none. */
export const burstOf = ({ debounce, maxWait, throttle }: Burst) => ({
  debounce: intervalOf('debounce', debounce),
  max_wait: intervalOf('maxWait', maxWait),
  throttle: intervalOf('throttle', throttle),
})
