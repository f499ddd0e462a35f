import { type Background, background } from './background.ts'
import { type CurrentJob, reports, teller } from './current_job.ts'
import { decisions } from './decision.ts'
import type { Deps } from './deps.ts'
import { databaseStore, type StepStore } from './step_store.ts'
import { openSteps, type Steps } from './steps.ts'

/** What a handler knows of its job, and what it can say. `State` is what comes in, `NextState` what is handed on. */
export type Job<State = unknown, NextState = State> = CurrentJob<NextState> & Steps & {
  readonly id: string
  /** The queue's name. */
  readonly queue: string
  /** Which try this is, from 1. */
  readonly attempt: number
  /** How many tries there are; undefined where the queue does not say. */
  readonly maxAttempts: number | undefined
  /** The same for all attempts of this job, and for no other job: give it to services that know such keys. */
  readonly idempotencyKey: string
  /** Proves to supaqueue that this call may report: for whoever is to finish the job from elsewhere. A secret. */
  readonly token: string
  /**
   * For a client of the database that writes on behalf of this job: `createClient(url, key, { global: { headers: job.headers } })`.
   * Row hooks then know whose write it is, and a job that writes to the row it came from does not go on for ever.
   */
  readonly headers: { readonly 'supaqueue-current-job': string }
  /** The version that the call says the job was made for; undefined where it says none. */
  readonly version: string | undefined
  /** Of a job that a row hook made: by which change. */
  readonly hook: MadeBy | undefined
  /** What the last slice handed on; null in the first one. */
  readonly state: State | null
  /** Fires when going on is of no use: the platform is about to end this isolate, or the lease is lost. */
  readonly signal: AbortSignal
  /**
   * Does `work` after the call was answered, keeps the job's lease meanwhile, and finishes it with what the work returns
   * or throws. To be returned: `return job.background(async () => ...)`. Within the wall clock of the platform.
   */
  background: Background
}

/** What is known of a change that became a job, beside its rows. */
export type MadeBy = {
  /** The name of the hook. */
  readonly name: string
  /** The table, with its schema. */
  readonly table: string
  /** The transaction that wrote, and when, as ISO text. */
  readonly transaction: string
  readonly at: string
  /** The user of the token that wrote, and the role. */
  readonly actor: string | undefined
  readonly role: string | undefined
  /** Of an update, the columns whose values changed. */
  readonly changed: readonly string[] | undefined
  /** What came of the rows, when they are not whole: only `changes` of the old one, only `keys`, or `none`. */
  readonly payload: 'changes' | 'keys' | 'none' | undefined
  /** The job whose function wrote, if it said so (`job.headers`). */
  readonly cause: string | undefined
  /** How many jobs in a row came of what the function of the one before wrote; 0 where no job's function did. */
  readonly depth: number
  /** Whether the function of a job of this very hook wrote. */
  readonly own: boolean
}

export type OpenJob = {
  job: Job
  /** Runs what the function does; its steps may end that before it ends by itself. */
  around: (work: () => unknown, options?: { answered?: boolean }) => Promise<unknown>
  /** Ends the listening to the platform. */
  leave: () => void
}

/** Where the steps of a job are remembered, if not in the database: for tests. */
export type Memory = { store: StepStore; grace?: number }

/** The job that a call is about. */
export function openJob(headers: Headers, state: unknown, deps: Deps, memory?: Memory): OpenJob {
  const text = (name: string) => headers.get(`supaqueue-${name}`) ?? undefined
  const controller = new AbortController()
  const leave = deps.onUnload((reason) => controller.abort(new Error(`the platform ends this function: ${reason}`)))
  const token = text('current-job') ?? ''
  const tell = teller(token, deps, (reason) => controller.abort(reason))
  const told = reports(tell, deps)
  const idempotencyKey = headers.get('idempotency-key') ?? ''
  const { steps, around } = openSteps({
    store: databaseStore(tell),
    idempotencyKey,
    signal: controller.signal,
    deps,
    ...memory,
  })

  const job: Job = {
    id: text('job-id') ?? '',
    queue: decoded(text('queue') ?? ''),
    attempt: Number(text('attempt') ?? 1),
    maxAttempts: text('max-attempts') === undefined ? undefined : Number(text('max-attempts')),
    idempotencyKey,
    token,
    headers: { 'supaqueue-current-job': token },
    version: text('version'),
    hook: madeBy(text),
    state,
    signal: controller.signal,
    ...decisions,
    ...told,
    ...steps,
    background: (work, options) =>
      background(() => around(work, { answered: true }), {
        ...options,
        reports: told,
        signal: controller.signal,
        deps,
        leave,
      }),
  }
  return { job, around, leave }
}

function madeBy(text: (name: string) => string | undefined): MadeBy | undefined {
  const name = text('hook')
  if (name === undefined) return undefined
  const plain = (part: string) => {
    const value = text(`hook-${part}`)
    return value === undefined ? undefined : decoded(value)
  }
  return {
    name: decoded(name),
    table: plain('table') ?? '',
    transaction: plain('transaction') ?? '',
    at: plain('at') ?? '',
    actor: plain('actor'),
    role: plain('role'),
    changed: plain('changed')?.split(','),
    payload: plain('payload') as MadeBy['payload'],
    cause: plain('cause'),
    depth: Number(plain('depth') ?? 0),
    own: plain('own') === 'yes',
  }
}

function decoded(name: string): string {
  try {
    return decodeURIComponent(name)
  } catch {
    // Plain, with a percent sign of its own.
    return name
  }
}
