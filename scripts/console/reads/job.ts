import type { Job } from '../../../console/answers.ts'
import { HintedError } from '../../cli/hinted_error.ts'
import type { Source } from '../source.ts'
import { LINE } from './jobs.ts'

/** All there is to know of one job. Throws a `HintedError` when it is not there. */
export async function readJob(source: Source, params: URLSearchParams): Promise<Job> {
  const id = params.get('id') ?? ''
  const [job] = /^\d{1,18}$/.test(id) ? await source.read<Job>(JOB, [id]) : []
  if (job) return job
  throw new HintedError(
    'SQ404',
    `there is no job ${id}`,
    'It was deleted, or pruned after its time: keep_success and keep_failed of its queue say when.',
  )
}

const edges = (from: 'source' | 'target', to: 'source' | 'target') => `
  coalesce((
    select jsonb_agg(to_jsonb(edge) order by edge.job)
    from (
      select other.id as job, queue.name as queue_name, other.status, job_dependency.on_failure, job_dependency.ended_as
      from supaqueue.job_dependency
      join supaqueue.job as other on other.id = job_dependency.${to}
      join supaqueue.queue on queue.id = other.queue
      where job_dependency.${from} = found.id
      order by other.id + 0
      limit 50
    ) as edge
  ), '[]')`

// `+ 0` where few are found by another index: the order of ids leads past all jobs.
const JOB = `
  select ${LINE},
    found.queue, found.updated_at, found.deferrals, coalesce(found.max_attempts, queue.max_attempts) as max_attempts,
    supaqueue_internal.shown(found.result) as result, supaqueue_internal.shown(found.payload) as full_payload,
    found.error, supaqueue_internal.shown(found.state) as state, found.progress_note, found.begun_key, found.concurrency_key,
    found.version, found.waits_for, found.retry_of,
    supaqueue.explain(found.id) as explain,
    (
      select jsonb_build_object(
        'id', current_job.id, 'run', nullif(current_job.dispatcher, current_job.id), 'worker', current_job.worker,
        'begun_at', current_job.begun_at, 'lease_until', current_job.lease_until
      )
      from supaqueue.current_job where current_job.job = found.id
    ) as lease,
    coalesce((
      select jsonb_agg(to_jsonb(try) - 'job' order by try.id)
      from (select * from supaqueue.attempt where attempt.job = found.id order by attempt.id desc limit 100) as try
    ), '[]') as tries,
    coalesce((
      select jsonb_agg(to_jsonb(part) - '{job,result,bytes,key}'::text[] order by part.place, part.item)
      from (
        select * from supaqueue.step where step.job = found.id order by step.place, step.item limit 200
      ) as part
    ), '[]') as steps,
    ${edges('target', 'source')} as sources,
    ${edges('source', 'target')} as targets,
    array(select copy.id from supaqueue.job as copy where copy.retry_of = found.id order by copy.id + 0 limit 10) as copies
  from supaqueue.job as found
  join supaqueue.queue on queue.id = found.queue
  where found.id = $1::bigint`
