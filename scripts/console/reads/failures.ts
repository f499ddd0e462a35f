import type { Failures, Verdict } from '../../../console/answers.ts'
import { HintedError } from '../../hinted_error.ts'
import type { Source } from '../source.ts'

const HOURS = 24

/** What jobs failed of, by queue and fingerprint, and how often in each of the last 24 hours. */
export async function readFailures(source: Source): Promise<Failures> {
  const groups = await source.read<Failures['groups'][number]>(`
    with
    failed as materialized (
      select queue, queue_name, fingerprint, job, failed_at, error,
        floor(extract(epoch from statement_timestamp() - failed_at) / 3600) as hour
      from supaqueue.failed_jobs
    ),
    hours as (
      select queue, fingerprint, hour, count(*) as jobs
      from failed where hour < ${HOURS} group by queue, fingerprint, hour
    )
    select
      failed.queue, failed.queue_name, failed.fingerprint, count(*) as jobs,
      min(failed.failed_at) as first_seen, max(failed.failed_at) as last_seen,
      (array_agg(failed.job order by failed.failed_at desc, failed.job desc))[1] as example_job,
      left((array_agg(failed.error order by failed.failed_at desc, failed.job desc))[1], 500) as example_error,
      (
        select array_agg(coalesce(hours.jobs, 0)::integer order by ago.hour desc)
        from generate_series(0, ${HOURS - 1}) as ago (hour)
        left join hours on hours.hour = ago.hour and hours.queue = failed.queue and hours.fingerprint = failed.fingerprint
      ) as trend
    from failed
    group by failed.queue, failed.queue_name, failed.fingerprint
    order by count(*) desc, failed.queue_name, failed.fingerprint
    limit 200`)
  return { groups }
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
