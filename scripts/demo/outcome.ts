import type pg from 'pg'
import type { Merged } from '../../examples/supabase/functions/merge-readings/handle.ts'
import type { PlannedJob } from '../../examples/supabase/functions/split-document/plan.ts'

/** What the function answers for a paragraph. */
export type Reading = {
  words: number
  sentences: number
  readability: number
  key_phrases: string[]
  began_at: number
  ended_at: number
}

/** What became of a job of the demo. */
export type Outcome = PlannedJob & {
  status: string
  attempts: number
  error: string | null
  reading: Reading | undefined
  asExpected: boolean
}

/** Reads what became of the jobs, in the order of the plan. */
export async function readOutcomes(db: pg.Client, queue: string, jobs: PlannedJob[]): Promise<Outcome[]> {
  const { rows } = await db.query<{ status: string; attempts: number; error: string | null; result: Reading | null }>(
    `select status, attempts, error, result
     from supaqueue.job
     where queue = $1
     order by (payload ->> 'paragraph')::integer`,
    [queue],
  )
  return jobs.map((job, index) => {
    const { status = 'missing', attempts = 0, error = null, result = null } = rows[index] ?? {}
    const { expected } = job
    const asExpected = status === expected.status && attempts === (expected.attempts ?? attempts)
    return { ...job, status, attempts, error, reading: result ?? undefined, asExpected }
  })
}

/** How the job that splits the text or the one that merges the readings ended. */
export type Stage<Result> = { status: string; error: string | null; result: Result | undefined }

export type Stages = { split: Stage<{ paragraphs: number }>; merge: Stage<Merged> }

/** Reads how the first job and the last ended. */
export async function readStages(db: pg.Client, jobs: { split: number; merge: number }): Promise<Stages> {
  const read = async <Result>(id: number): Promise<Stage<Result>> => {
    const { rows: [row] } = await db.query('select status, error, result from supaqueue.job where id = $1', [id])
    return { status: row?.status ?? 'missing', error: row?.error ?? null, result: row?.result ?? undefined }
  }
  return { split: await read(jobs.split), merge: await read(jobs.merge) }
}

/** The most calls that were under way at one moment, by the function's own clock. */
export function mostAtOnce(readings: Pick<Reading, 'began_at' | 'ended_at'>[]): number {
  const steps = readings.flatMap(({ began_at, ended_at }) => [[began_at, 1], [ended_at, -1]] as [number, number][])
  // Within a millisecond, ends come first: one worker's next call may begin in the millisecond in which the last ended.
  steps.sort(([one, up], [other, otherUp]) => one - other || up - otherUp)
  let now = 0
  // A call may be over within the millisecond in which it began.
  let most = Math.min(1, readings.length)
  for (const [, step] of steps) most = Math.max(most, now += step)
  return most
}
