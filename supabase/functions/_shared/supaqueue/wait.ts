import { JobFailed, SupaqueueError } from './errors.ts'
import type { Queue, ResultOf } from './queue.ts'
import { hasEnded, type JobRow, type JobStatus, noJob, statusOf } from './status.ts'
import { isPassing } from './supabase.ts'
import type { Watch } from './watch.ts'

/** Times are in milliseconds. */
export type FollowOptions = {
  /** How often to look. Left out: soon at first, then less and less often, every two seconds in the end. */
  every?: number
  /** Ends the waiting. The job goes on. */
  signal?: AbortSignal
}

export type WaitOptions = FollowOptions & {
  /** How long to wait. Default 60,000; `Infinity` for as long as it takes. */
  timeout?: number
}

export type ProgressOptions = FollowOptions & {
  /** Hears why nothing more will be heard, such as `SQ404`: the job is not there. Default: the console. */
  onError?: (reason: unknown) => void
}

/** What there is for those who wait for a job. A database that does not answer is asked again. */
export type Waiting<Result> = {
  /**
   * The result, as soon as the job has succeeded. Throws `JobFailed` when it failed or was cancelled, `SQ504` when it has
   * not ended in time, `SQ404` when it is not there, and what `signal` is aborted with.
   */
  waitFor(id: number, options?: WaitOptions): Promise<Result>
  /**
   * Calls back with the job's status, at first and whenever it has changed, the last time when the job has ended. Returns
   * the way to stop that before.
   */
  onProgress(id: number, listener: (status: JobStatus<Result>) => void, options?: ProgressOptions): () => void
}

// The longest that a timer can be set to: 24 days.
const LONGEST_TIMER = 2_147_483_647

/** `watch` reads the rows of this queue, and of no other. */
export function waiting<Q extends Queue>(queue: Q, watch: Watch<JobRow>): Waiting<ResultOf<Q>> {
  return {
    async waitFor(id, { timeout = 60_000, ...options } = {}) {
      let timer: ReturnType<typeof setTimeout> | undefined
      const row = await new Promise<JobRow>((resolve, reject) => {
        const stop = follow(id, options, (row) => void (hasEnded(row) && resolve(row)), reject)
        const tooLate = () => {
          stop()
          reject(late(id, queue, timeout))
        }
        if (timeout <= LONGEST_TIMER) timer = setTimeout(tooLate, timeout)
      }).finally(() => clearTimeout(timer))

      const seen = await statusOf(queue, row)
      if (seen.status === 'success') return seen.result
      throw new JobFailed(id, queue.name, seen.status === 'cancelled' ? 'cancelled' : 'failed', seen.error)
    },

    onProgress(id, listener, { onError = console.error, ...options } = {}) {
      let last = ''
      let stopped = false
      let told = Promise.resolve()
      const tell = async (row: JobRow) => {
        const seen = await statusOf(queue, row)
        if (!stopped) listener(seen)
      }
      const stop = follow(id, options, (row) => {
        const seen = JSON.stringify(row)
        if (seen !== last) told = told.then(() => tell(row)).catch(onError)
        last = seen
      }, (reason) => {
        if (!options.signal?.aborted) onError(reason)
      })
      return () => {
        stopped = true
        stop()
      }
    },
  }

  /** `seen` hears of the row at every look, the last time when the job has ended; `broken` hears why not. */
  function follow(
    id: number,
    { every, signal }: FollowOptions,
    seen: (row: JobRow) => void,
    broken: (reason: unknown) => void,
  ): () => void {
    const leave = watch({
      id,
      every,
      hear(row) {
        if (!row) return fail(noJob(id, queue))
        if (hasEnded(row)) stop()
        seen(row)
      },
      fail(reason) {
        if (!isPassing(reason)) fail(reason)
      },
    })
    const abort = () => fail(signal?.reason)
    signal?.addEventListener('abort', abort)
    if (signal?.aborted) abort()
    return stop

    function stop(): void {
      leave()
      signal?.removeEventListener('abort', abort)
    }

    function fail(reason: unknown): void {
      stop()
      broken(reason)
    }
  }
}

const late = (id: number, { name }: Queue, timeout: number): SupaqueueError =>
  new SupaqueueError(
    'SQ504',
    `job ${id} of the queue ${name} has not ended within ${timeout} ms`,
    'It goes on: wait longer, or look for its end later. supaqueue.explain(job) says where it stands.',
  )
