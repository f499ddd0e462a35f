import type { Queue } from './queue.ts'
import { callerOf, type Supabase } from './supabase.ts'

/** What a queue is made with. What is not said stays as it is, or is as the database has it for a new queue. */
export type QueueSettings = {
  /** The edge function that it calls. Default: its namesake. */
  function?: string
  /** What it calls in place of a function. */
  url?: string
  /** How many calls at once. Default 1. */
  workers?: number
  /** How many jobs are begun in a second; a fraction is slower than one. */
  maxRps?: number
  maxAttempts?: number
  /** How long a call may take, in milliseconds. */
  timeout?: number
  /** How many at once with the same `concurrencyKey`. */
  perKey?: number
  /** How many jobs a call brings. From 2 on the function gets them as a list: see `handleBatch`. */
  batchSize?: number
  /** How long a batch may fill, in milliseconds. */
  batchWait?: number
  /** `key`: only jobs with the same `concurrencyKey` go together in a call. */
  batchBy?: 'key'
  /** What `maxRps` counts. Default `jobs`. */
  batchCounts?: 'jobs' | 'calls'
  /**
   * `key`: the next job of a `concurrencyKey` begins only when the one before it has ended, its retries included. `queue`: the
   * whole queue one by one.
   */
  ordered?: 'key' | 'queue'
  /** What a failed job does to those after it, where they are ordered. Default `block`. */
  afterFailure?: 'block' | 'continue'
  /**
   * How long a `dedupeKey` stays taken: until its job has `begun`, as `debounce` and `throttle` need it, has `finished`, or is
   * `pruned`. Default `finished`.
   */
  dedupeUntil?: 'begun' | 'finished' | 'pruned'
  /** `pull`: nothing is called, consumers pick. */
  mode?: 'push' | 'pull'
  /** Sent with every call. */
  headers?: Record<string, string>
}

/**
 * Makes a queue with its workers, or changes what is given; with a client of supabase-js that has a secret key. Returns
 * the queue's id.
 */
export async function createQueue(
  supabase: Supabase,
  queue: Queue | string,
  settings: QueueSettings = {},
): Promise<string> {
  return await callerOf(supabase, 'supaqueue')('create_queue', {
    name: typeof queue === 'string' ? queue : queue.name,
    function: settings.function,
    url: settings.url,
    workers: settings.workers,
    max_rps: settings.maxRps,
    max_attempts: settings.maxAttempts,
    timeout_ms: settings.timeout,
    per_key: settings.perKey,
    mode: settings.mode,
    default_headers: settings.headers,
    batch_size: settings.batchSize,
    batch_wait_ms: settings.batchWait,
    batch_by: settings.batchBy,
    batch_counts: settings.batchCounts,
    ordered: settings.ordered,
    after_failure: settings.afterFailure,
    dedupe_until: settings.dedupeUntil,
  })
}
