import type { Failures, Verdict } from '../../../console/answers.ts'
import { HintedError } from '../../hinted_error.ts'
import type { Source } from '../source.ts'

const HOURS = 24

// Counted in one go with the rest, the oldest hour first.
const TREND = Array.from({ length: HOURS }, (_, place) => `count(*) filter (where hour = ${HOURS - 1 - place})`)

/** What jobs failed of, by queue and fingerprint, and how often in each of the last 24 hours. */
export const readFailures = async (source: Source): Promise<Failures> => ({
  groups: await source.read(`
    select
      failed.queue, failed.queue_name, failed.fingerprint, count(*) as jobs,
      min(failed.failed_at) as first_seen, max(failed.failed_at) as last_seen,
      (array_agg(failed.job order by failed.failed_at desc, failed.job desc))[1] as example_job,
      array[${TREND.join(', ')}]::integer[] as trend
    from (
      select *, floor(extract(epoch from statement_timestamp() - failed_at) / 3600) as hour from supaqueue.failed_jobs
    ) as failed
    group by failed.queue, failed.queue_name, failed.fingerprint
    order by count(*) desc, failed.queue_name, failed.fingerprint
    limit 200`),
})

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
