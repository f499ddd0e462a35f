import type { Json } from './database_types.ts'
import { SupaqueueError } from './errors.ts'
import { burstOf, type EnqueueManyOptions, type EnqueueOptions, type JobOptions, orderOf } from './order.ts'
import { payloadFor } from './outgoing.ts'
import type { PayloadOf, Queue, ResultOf } from './queue.ts'
import { rowsOf } from './rows.ts'
import { type JobStatus, noJob, statusOf } from './status.ts'
import { callerOf, type Supabase } from './supabase.ts'
import { type Waiting, waiting } from './wait.ts'
import { makeWatch } from './watch.ts'

/** One of `enqueueMany`. */
export type JobToEnqueue<Payload> = JobOptions & { payload: Payload }

/** What became of one of `enqueueMany`. */
export type Enqueued = {
  /** The job; with `onConflict: 'skip'`, the job that has its key already. */
  id: number
  /** Null when it was skipped. */
  batch: string | null
  /** Whether it was enqueued: false when it was skipped. */
  enqueued: boolean
}

/** A queue as those see it who may do everything. Errors of the database come as `SupaqueueError`s with their codes. */
export type OpenQueue<Q extends Queue> = Waiting<ResultOf<Q>> & {
  /** Enqueues a job, and returns its id. `SQ422` when the payload does not fit: nothing is sent then. */
  enqueue(payload: PayloadOf<Q>, options?: EnqueueOptions): Promise<number>
  /** Enqueues all or none, as a batch. Returns what became of each, in this order. */
  enqueueMany(jobs: readonly JobToEnqueue<PayloadOf<Q>>[], options?: EnqueueManyOptions): Promise<Enqueued[]>
  /** Where a job stands now. `SQ404` when it is not there. */
  status(id: number): Promise<JobStatus<ResultOf<Q>>>
  /** Takes a job back. Returns whether it had not ended before; a call that is under way cannot be stopped. */
  cancel(id: number): Promise<boolean>
  /** Runs a job again that has ended. `SQ409` when it has not. */
  retry(id: number): Promise<void>
  /**
   * Sends a signal that `job.waitFor` waits for: to a job by its id, or to whoever waits by the key. One that nobody waits for
   * yet is kept. Twice with the same `idempotencyKey` is once. Returns the signal's id. `SQ409` when the job has ended.
   */
  signal(
    to: number | { key: string },
    name: string,
    payload?: Json,
    options?: { idempotencyKey?: string },
  ): Promise<number>
}

/**
 * Opens a queue for those who may do everything: on a server or in a function, with a client of supabase-js that has a
 * secret key. Nothing is asked yet.
 */
export function openQueue<Q extends Queue>(supabase: Supabase, queue: Q): OpenQueue<Q> {
  const call = callerOf(supabase, 'supaqueue')
  const { name } = queue
  const read = rowsOf(supabase, name)

  return {
    ...waiting(queue, makeWatch(read)),

    async enqueue(payload, { onConflict, dependsOn, debounce, maxWait, throttle, ...options } = {}) {
      const sent = await payloadFor(queue, payload)
      const order = {
        ...orderOf(options),
        ...burstOf({ debounce, maxWait, throttle }),
        on_conflict: onConflict,
        depends_on: dependsOn,
      }
      return await call('enqueue', { queue: name, payload: sent, ...order })
    },

    async enqueueMany(jobs, { label, onConflict, ...burst } = {}) {
      const sent = await Promise.all(
        jobs.map(async ({ payload, ...options }, place) => ({
          payload: await payloadFor(queue, payload, place),
          ...orderOf(options),
        })),
      )
      const args = { queue: name, jobs: sent, batch_label: label, on_conflict: onConflict, ...burstOf(burst) }
      return allOf(await call('enqueue_many', args) as Enqueued[], jobs.length)
    },

    async status(id) {
      const [row] = await read([id])
      if (!row) throw noJob(id, queue)
      return await statusOf(queue, row)
    },

    cancel: (id) => call('cancel', { job: id }),

    async retry(id) {
      await call('retry', { job: id })
    },

    signal: (to, name, payload, { idempotencyKey } = {}) =>
      call('signal', {
        ...(typeof to === 'number' ? { job: to } : { key: to.key }),
        name,
        payload,
        idempotency_key: idempotencyKey,
      }),
  }
}

/** What was told, if it was told of each: an answer may be cut on its way, and who enqueues the rest enqueues it twice. */
function allOf(told: Enqueued[], sent: number): Enqueued[] {
  if (told.length === sent) return told
  throw new SupaqueueError(
    'SQ500',
    `enqueue_many told of ${told.length} of ${sent} jobs`,
    'All of them were enqueued: do not send them again. The database is older than this kit: pnpm supaqueue:upgrade.',
  )
}
