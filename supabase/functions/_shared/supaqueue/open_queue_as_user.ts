import type { Json } from './database_types.ts'
import { SupaqueueError } from './errors.ts'
import { listenAs } from './live.ts'
import { type Begin, beginOf } from './order.ts'
import { payloadFor } from './outgoing.ts'
import type { PayloadOf, Queue, ResultOf } from './queue.ts'
import { type JobRow, type JobStatus, noJob, statusOf } from './status.ts'
import { callerOf, type Supabase } from './supabase.ts'
import { type Waiting, waiting } from './wait.ts'
import { makeWatch } from './watch.ts'

export type UserEnqueueOptions = Begin & {
  /** Names what the job is about: while a job with this key has not ended, there is no second one. */
  dedupeKey?: string
}

export type UserSignalOptions = {
  /** Twice with the same key is once. */
  idempotencyKey?: string
}

export type UserQueueOptions = {
  /**
   * The user's id, where the queue is open to them `live`: changes of their jobs are heard of through Realtime, and looked
   * for much less often.
   */
  live?: string
}

/** A queue as users of the app see it. Results are null where the queue does not show them to users (`show_result`). */
export type UserQueue<Q extends Queue> = Waiting<ResultOf<Q> | null> & {
  /**
   * Enqueues a job, and returns its id. `SQ422` when the payload does not fit, `SQ413` when it is too large, `SQ429` when
   * the user has enqueued too many in the last minute, `SQ404` when the queue is not open to them.
   */
  enqueue(payload: PayloadOf<Q>, options?: UserEnqueueOptions): Promise<number>
  /** Where a job of theirs stands now. `SQ404` when it is not there, or not theirs. */
  status(id: number): Promise<JobStatus<ResultOf<Q> | null>>
  /** Takes a job back that has not begun. Returns whether it was. `SQ403` where users may not (`may_cancel`). */
  cancel(id: number): Promise<boolean>
  /**
   * Sends a job of theirs what its function waits for. `SQ403` where users may not send that name (`may_signal`), `SQ404`
   * when it is not theirs, `SQ409` when it has ended, `SQ413` when the payload is too large, `SQ429` as `enqueue`.
   */
  signal(id: number, name: string, payload?: unknown, options?: UserSignalOptions): Promise<void>
}

/**
 * Opens a queue for a user of the app: in a browser, with the client of supabase-js that they are signed in with. The queue
 * has to be open to them (`supaqueue.allow`), and of its jobs they see their own. Nothing is asked yet.
 */
export function openQueueAsUser<Q extends Queue>(
  supabase: Supabase,
  queue: Q,
  { live }: UserQueueOptions = {},
): UserQueue<Q> {
  const call = callerOf(supabase, 'public')

  const find = async (id: number): Promise<JobRow | undefined> => {
    try {
      const row = await call('supaqueue_status', { job: id })
      return row.queue === queue.name ? { ...row as JobRow, hidden: row.result === null } : undefined
    } catch (reason) {
      if (reason instanceof SupaqueueError && reason.code === 'SQ404') return undefined
      throw reason
    }
  }
  // One by one: users wait for few jobs.
  const read = async (ids: number[]) => (await Promise.all(ids.map(find))).filter((row) => row !== undefined)

  return {
    ...waiting(queue, makeWatch(read, live === undefined ? undefined : listenAs(supabase, live))),

    async enqueue(payload, { dedupeKey, ...begin } = {}) {
      const sent = await payloadFor(queue, payload)
      const args = { queue: queue.name, payload: sent, dedupe_key: dedupeKey, run_at: beginOf(begin) }
      return await call('supaqueue_enqueue', args) as number
    },

    async status(id) {
      const row = await find(id)
      if (!row) throw noJob(id, queue)
      return await statusOf(queue, row)
    },

    cancel: (id) => call('supaqueue_cancel', { job: id }),

    async signal(id, name, payload, { idempotencyKey } = {}) {
      await call('supaqueue_signal', { job: id, name, payload: payload as Json, idempotency_key: idempotencyKey })
    },
  }
}
