import type { Database } from '../../project/database.ts'

/** All there is to tell of a job. Times are ISO texts. */
export type Story = {
  now: string
  /** The name of its queue. */
  queue: string
  /** Its row, without the payload and what follows from it. */
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
  payload: unknown
  result: unknown
  state: unknown
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

/** Undefined when there is no such job. */
export async function readStory(db: Database, id: string): Promise<Story | undefined> {
  // Under one snapshot, as one value: what is read of a job that runs fits together.
  const [row] = await db.query<{ story: Story }>(STORY, [id])
  return row?.story
}

const edges = (mine: 'source' | 'target', theirs: 'source' | 'target'): string =>
  `(
  select coalesce(jsonb_agg(to_jsonb(edge) order by edge.job), '[]')
  from (
    select other.id as job, queue.name as queue, other.status, edge.on_failure, edge.ended_as
    from supaqueue.job_dependency as edge
    join supaqueue.job as other on other.id = edge.${theirs}
    join supaqueue.queue on queue.id = other.queue
    where edge.${mine} = job.id
    order by other.id
    limit 50
  ) as edge
)`

const STORY = `
  select jsonb_build_object(
    'now', clock_timestamp(),
    'queue', queue.name,
    'job', to_jsonb(job) - '{payload,result,state}'::text[],
    'max_attempts', coalesce(job.max_attempts, queue.max_attempts),
    'payload', job.payload,
    'result', job.result,
    'state', job.state,
    'explain', supaqueue.explain(job.id) - '{job,status}'::text[],
    'lease', (
      select jsonb_build_object(
        'begun_at', lease.begun_at, 'lease_until', lease.lease_until, 'run', nullif(lease.dispatcher, lease.id)
      )
      from supaqueue.current_job as lease
      where lease.job = job.id
    ),
    'tries', (
      select coalesce(jsonb_agg(to_jsonb(try) - '{id,job,head,run}'::text[] order by try.id), '[]')
      from (select * from supaqueue.attempt where attempt.job = job.id order by attempt.id desc limit 100) as try
    ),
    'steps', (
      select coalesce(jsonb_agg(to_jsonb(step) - '{job,result,tries,bytes}'::text[] order by step.place, step.item), '[]')
      from (select * from supaqueue.step where step.job = job.id order by step.place, step.item limit 200) as step
    ),
    'sources', ${edges('target', 'source')},
    'targets', ${edges('source', 'target')}
  ) as story
  from supaqueue.job
  join supaqueue.queue on queue.id = job.queue
  where job.id = $1::bigint`
