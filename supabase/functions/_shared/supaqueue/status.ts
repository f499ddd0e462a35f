import type { Database } from './database_types.ts'
import { SupaqueueError } from './errors.ts'
import type { Queue, ResultOf } from './queue.ts'
import { examine } from './schema.ts'

/** Where a job stands. `success`, `failed` and `cancelled` are ends; a job that is retried starts over. */
export type JobState = Database['supaqueue']['Enums']['job_status']

/** How far a job is, as its function said last: `percent` from 0 to 100, and a note. */
export type Progress = { percent: number | null; note: string | null }

export type JobStatus<Result = unknown> =
  & {
    readonly id: number
    /** Null as long as its function has not said anything. */
    readonly progress: Progress | null
    /** Why the last unsuccessful attempt failed. Users of the app are never told. */
    readonly error: string | null
  }
  & (
    | { readonly status: 'success'; readonly result: Result }
    | { readonly status: Exclude<JobState, 'success'>; readonly result: null }
  )

/** What the database says of a job. */
export type JobRow = {
  id: number
  status: JobState
  progress_percent: number | string | null
  progress_note: string | null
  result?: unknown
  error?: string | null
  /** The result is not shown to who asks. */
  hidden?: boolean
}

export const hasEnded = ({ status }: { status: JobState }): boolean =>
  status === 'success' || status === 'failed' || status === 'cancelled'

/** A row as the queue's code knows it. Throws `SQ422` when the result is not what the queue was defined with. */
export async function statusOf<Q extends Queue>(queue: Q, row: JobRow): Promise<JobStatus<ResultOf<Q>>> {
  const { id, status, progress_percent: percent, progress_note: note, error = null } = row
  // A numeric of Postgres may come as a text.
  const progress = { percent: percent === null ? null : Number(percent), note }
  const common = { id, progress: percent === null && note === null ? null : progress, error }
  return status === 'success'
    ? { ...common, status, result: await fitting(queue, row) as ResultOf<Q> }
    : { ...common, status, result: null }
}

async function fitting({ name, result: schema }: Queue, { id, result = null, hidden }: JobRow): Promise<unknown> {
  if (hidden) return null
  const fit = schema ? await examine(schema, result, 'result') : { value: result }
  if ('value' in fit) return fit.value
  throw new SupaqueueError(
    'SQ422',
    `job ${id} of the queue ${name} succeeded, but ${fit.reason}`,
    'Its function returned something else than the queue is defined with, or more than result_max_bytes of its queue.',
  )
}

/** For a job that is not there, or in another queue. */
export const noJob = (id: number, { name }: Queue): SupaqueueError =>
  new SupaqueueError(
    'SQ404',
    `there is no job ${id} in the queue ${name}`,
    'It was deleted, was pruned after its time, or belongs to another queue.',
  )
