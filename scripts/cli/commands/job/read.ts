import { pretty } from '../../../../console/json.ts'
import type { Database } from '../../project/database.ts'

/** All there is to tell of a job, as supaqueue.job_story says it. Times are ISO texts. */
export type Story = {
  now: string
  /** The name of its queue. */
  queue: string
  /** Its row, without payload, result and state. */
  job: {
    id: number
    status: string
    created_at: string
    run_at: string
    finished_at: string | null
    attempts: number
    deferrals: number
    priority: number
    dedupe_key: string | null
    begun_key: string | null
    concurrency_key: string | null
    version: number | null
    batch: string | null
    retry_of: number | null
    progress_percent: number | null
    progress_note: string | null
    error: string | null
  }
  max_attempts: number
  /** JSON texts. */
  payload: string
  result: string | null
  state: string | null
  /** What supaqueue.explain says. */
  explain: { text: string; reasons: { code: string; text: string }[] }
  /** While it runs. */
  lease: { begun_at: string | null; lease_until: string; run: string | null } | null
  /** The last hundred attempts that were written down, the first one first. */
  tries: Try[]
  /** The parts of its function that are remembered: the first two hundred. */
  steps: Step[]
  /** What it waits for, and what waits for it: at most fifty each. */
  sources: Edge[]
  targets: Edge[]
}

export type Try = {
  attempt: number
  outcome: string
  begun_at: string | null
  ended_at: string
  ms: number | null
  status: number | null
  error: string | null
  region: string | null
}

export type Step = {
  name: string
  occurrence: number
  item: number
  kind: string
  status: string
  attempts: number
  items: number | null
  until: string | null
  begun_at: string
  ended_at: string | null
  ms: number | null
  error: string | null
}

export type Edge = { job: number; queue: string; status: string; on_failure: string; ended_as: string | null }

/** Throws SQ404 when there is no such job. */
export async function readStory(db: Database, id: string): Promise<Story> {
  const [row] = await db.query<Omit<Story, 'now'> & { story: Story }>(
    `select story - '{payload,result,state}'::text[] as story, (story -> 'payload')::text as payload,
       nullif(story -> 'result', 'null')::text as result, nullif(story -> 'state', 'null')::text as state
     from (select supaqueue.job_story($1::bigint) as story offset 0) as told`,
    [id],
  )
  const { story, payload, result, state } = row!
  return { ...story, payload, result, state }
}

/** All of it, for programs, as the database writes it. Throws SQ404 when there is no such job. */
export async function readStoryText(db: Database, id: string): Promise<string> {
  const [row] = await db.query<{ story: string }>('select supaqueue.job_story($1::bigint)::text as story', [id])
  return pretty(row!.story)
}
