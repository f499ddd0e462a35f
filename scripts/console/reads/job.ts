import type { Dependency, Explanation, Job, Lease } from '../../../console/answers.ts'
import { SupaqueueError } from '../../../supabase/functions/_shared/supaqueue/errors.ts'
import type { Source } from '../source.ts'
import { LINE } from './jobs.ts'

/** What supaqueue.job_story says, as far as the page shows it. */
type Story =
  & Pick<Job, 'max_attempts' | 'tries' | 'steps' | 'copies'>
  & {
    queue_id: string
    job: Omit<Job, 'queue'>
    explain: Explanation
    lease: Lease | null
    sources: (Omit<Dependency, 'queue_name'> & { queue: string })[]
    targets: (Omit<Dependency, 'queue_name'> & { queue: string })[]
  }

/** All there is to know of one job. Throws a `SupaqueueError` when it is not there. */
export async function readJob(source: Source, params: URLSearchParams): Promise<Job> {
  const id = params.get('id') ?? ''
  const [found] = /^\d{1,18}$/.test(id) ? await source.read<Job & { story: Story }>(JOB, [id]) : []
  if (!found) {
    throw new SupaqueueError(
      'SQ404',
      `there is no job ${id}`,
      'It was deleted, or pruned after its time: keep_success and keep_failed of its queue say when.',
    )
  }
  const { story: { job, queue_id, sources, targets, ...story }, ...line } = found
  return {
    ...job,
    ...story,
    ...line,
    queue: queue_id,
    error: job.error,
    sources: sources.map(named),
    targets: targets.map(named),
  }
}

const named = ({ queue, ...edge }: Story['sources'][number]): Dependency => ({ ...edge, queue_name: queue })

const JOB = `
  select ${LINE}, story - '{payload,result,state}'::text[] as story,
    (story -> 'payload')::text as full_payload, nullif(story -> 'result', 'null')::text as result,
    nullif(story -> 'state', 'null')::text as state,
    jsonb_build_object(
      'method', upper(coalesce(found.method, queue.method, 'POST')),
      'target', coalesce(regexp_replace(coalesce(found.url, queue.url), '[?#].*$', '?…'), '/functions/v1/' || queue.edge_function_name),
      'headers', (
        select coalesce(jsonb_agg(distinct lower(named.name) order by lower(named.name)), '[]')
        from (
          select jsonb_object_keys(queue.default_headers) as name
          union all
          select jsonb_object_keys(found.headers) where jsonb_typeof(found.headers) = 'object'
        ) as named
        where lower(named.name) not in ('traceparent', 'tracestate')
      )
    ) as request
  from supaqueue.job as found
  join supaqueue.queue on queue.id = found.queue
  cross join lateral (select supaqueue.job_story(found.id) as story offset 0) as told
  where found.id = $1::bigint`
