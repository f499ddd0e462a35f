import type { FailureGroup, Failures, Verdict } from '../../../console/answers.ts'
import { HintedError } from '../../cli/hinted_error.ts'
import type { Source } from '../source.ts'

const HOURS = 24

// Counted in one go with the rest, the oldest hour first.
const TREND = Array.from({ length: HOURS }, (_, place) => `count(*) filter (where hour = ${HOURS - 1 - place})`)

// Each costs some microseconds to put into its group. With many queues it is fewer of each.
const COUNTED = 5000
const LEAST = 200

/** What jobs failed of, by queue and fingerprint, and how often in each of the last 24 hours. */
export async function readFailures(source: Source): Promise<Failures> {
  const [row] = await source.read<{ most: number }>(
    'select greatest($1, $2 / greatest(count(*), 1))::integer as most from supaqueue.queue',
    [LEAST, COUNTED],
  )
  const { most } = row!
  // The fingerprint is that of the view failed_jobs, which retry_failures goes by.
  const groups = await source.read<FailureGroup>(
    `select
       queue.id as queue, queue.name as queue_name, failed.fingerprint, count(*) as jobs,
       min(failed.at) as first_seen, max(failed.at) as last_seen,
       (array_agg(failed.job order by failed.at desc, failed.job desc))[1] as example_job,
       array[${TREND.join(', ')}]::integer[] as trend
     from supaqueue.queue
     cross join lateral (
       select
         job.id as job, job.finished_at as at,
         supaqueue.fingerprint(coalesce(last.outcome, 'failed'), last.status, job.error) as fingerprint,
         floor(extract(epoch from statement_timestamp() - job.finished_at) / 3600) as hour
       from supaqueue_internal.newest_failed(queue.id, $1) as job
       left join lateral (
         select attempt.outcome, attempt.status from supaqueue.attempt
         where attempt.job = job.id order by attempt.id desc limit 1
       ) as last on true
     ) as failed
     group by queue.id, queue.name, failed.fingerprint
     order by count(*) desc, queue.name, failed.fingerprint
     limit 200`,
    [most],
  )
  return { groups, most }
}

/** How the jobs have fared that were tried again before all of them are. Throws a `HintedError`. */
export async function readVerdict(source: Source, params: URLSearchParams): Promise<Verdict> {
  const jobs = (params.get('jobs') ?? '').split(',').map(Number)
  if (jobs.some((job) => !Number.isSafeInteger(job) || job < 1)) {
    throw new HintedError('SQ422', 'the address does not say which jobs were tried', 'Begin at the list of failures.')
  }
  const [verdict] = await source.read<Verdict>('select * from supaqueue.canary_verdict($1::bigint[], $2)', [
    jobs,
    params.get('fingerprint') ?? '',
  ])
  return verdict!
}
