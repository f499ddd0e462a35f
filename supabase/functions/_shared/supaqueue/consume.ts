import { background } from './background.ts'
import { rpc } from './database.ts'
import { SupaqueueError } from './errors.ts'
import type { Handler, QueueHandler } from './handle.ts'
import { openJob } from './job.ts'
import type { Queue } from './queue.ts'
import { type Input, type Output, type Schema, type StandardSchema, validate } from './schema.ts'
import { type Deps, runtime } from './deps.ts'

/** Times are in milliseconds. */
export type ConsumeOptions<StateSchema extends Schema = StandardSchema> = {
  /** How many jobs at once. The queue's workers are the limit for all its consumers together. Default 1. */
  concurrency?: number
  /** How long a job is kept without a sign of life; it is extended while the handler works. Default 60,000. */
  lease?: number
  /** How long to wait before looking again when there was nothing. Default 1,000. */
  idle?: number
  /** Takes only jobs of this version. */
  version?: number
  /** What slices hand on. */
  state?: StateSchema
  deps?: Partial<Deps>
}

export type Consumer = {
  /** Settles when the consumer has stopped; fails when the queue is not there, or is not to be pulled from. */
  ended: Promise<void>
  /** Takes no more jobs, and waits for those that it has. */
  stop(): Promise<void>
}

type Picked = {
  token: string
  job: number
  payload: unknown
  attempts: number
  job_version: number | null
  state: unknown
}

// Fixing these takes a person: asking again does not help.
const FATAL = new Set(['SQ404', 'SQ409', 'SQ422', 'SQ500', 'PGRST202', 'PGRST106', '42501'])

/**
 * Takes jobs of a queue whose mode is `pull` and does them here, in any Deno or Node process: what `handle` is for a
 * queue that is called. Looks for jobs as long as it finds some, else every `idle` milliseconds. A database that does
 * not answer is asked again; what is under way goes on, and its end is reported late.
 */
export function consume<Q extends Queue, T extends Schema = StandardSchema>(
  queue: Q,
  handler: QueueHandler<Q, T>,
  options?: ConsumeOptions<T>,
): Consumer
export function consume<S extends Schema, T extends Schema = StandardSchema>(
  queue: string,
  schema: S,
  handler: Handler<Output<S>, Output<T>, Input<T>>,
  options?: ConsumeOptions<T>,
): Consumer
export function consume(
  queue: Queue | string,
  ...rest: [AnyHandler, AnyOptions?] | [Schema, AnyHandler, AnyOptions?]
): Consumer {
  return typeof queue === 'string'
    ? start(queue, ...rest as [Schema, AnyHandler, AnyOptions?])
    : start(queue.name, queue.payload, ...rest as [AnyHandler, AnyOptions?])
}

type AnyHandler = Handler<unknown, unknown, unknown>
type AnyOptions = ConsumeOptions<Schema>

function start(
  queue: string,
  schema: Schema,
  handler: AnyHandler,
  { concurrency = 1, lease = 60_000, idle = 1000, version, state: ofState, ...options }: AnyOptions = {},
): Consumer {
  const deps = { ...runtime, ...options.deps }
  const underWay = new Set<Promise<unknown>>()
  let stopping = false
  let wake = () => {}

  const leave = deps.onUnload(() => void stop())
  const ended = takeJobs().finally(leave)
  // Whoever only stops it need not hear of it twice.
  ended.catch(() => {})
  return { ended, stop }

  async function takeJobs(): Promise<void> {
    while (!stopping) {
      const free = concurrency - underWay.size
      const picked = free > 0 ? await pick(free) : []
      picked.forEach(begin)
      if (!stopping && (free === 0 || picked.length < free)) await rest(free === 0 ? undefined : idle)
    }
    await Promise.all(underWay)
  }

  async function pick(most: number): Promise<Picked[]> {
    const args = { queue, most, lock_duration: `${Math.ceil(lease)} milliseconds`, version: version ?? null }
    try {
      return await rpc(deps, 'pick', args) as Picked[]
    } catch (reason) {
      if (reason instanceof SupaqueueError && FATAL.has(reason.code)) {
        stopping = true
        throw reason
      }
      deps.log(reason)
      return []
    }
  }

  function begin({ token, job: id, payload, attempts, job_version, state }: Picked): void {
    const headers = new Headers({
      'supaqueue-current-job': token,
      'supaqueue-job-id': String(id),
      'supaqueue-queue': encodeURIComponent(queue),
      'supaqueue-attempt': String(attempts),
      'idempotency-key': `${encodeURIComponent(queue)}-${id}`,
    })
    if (job_version !== null) headers.set('supaqueue-version', String(job_version))
    const { job, around, leave } = openJob(headers, state, deps)

    const work = async () => {
      const fitting = await validate(schema, payload, 'payload')
      const handed = ofState && state !== null ? await validate(ofState, state, 'state') : state
      return await handler(fitting, { ...job, state: handed })
    }
    const keep = (ended: Promise<unknown>) => {
      const over = ended.finally(() => {
        underWay.delete(over)
        wake()
      })
      underWay.add(over)
    }
    background(() => around(work, { answered: true }), {
      lease,
      reports: job,
      signal: job.signal,
      deps: { ...deps, waitUntil: keep },
      leave,
    })
  }

  /** Until a job has ended, the consumer is stopped, or the time is over. */
  function rest(ms: number | undefined): Promise<void> {
    return new Promise((resolve) => {
      const timer = ms === undefined ? undefined : setTimeout(resolve, ms)
      wake = () => {
        clearTimeout(timer)
        resolve()
      }
    })
  }

  function stop(): Promise<void> {
    stopping = true
    wake()
    return ended
  }
}
