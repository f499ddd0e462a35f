import * as z from 'zod'
import type {
  Bulk,
  BulkLine,
  BulkProgress,
  Bulks,
  FailedFilter,
  FailureGroup,
  Failures,
} from '../../../console/answers.ts'
import { jsonWith } from '../../../console/json.ts'
import { SupaqueueError } from '../../../supabase/functions/_shared/supaqueue/errors.ts'
import type { Source } from '../source.ts'
import { payloadText } from './filter.ts'

const HOURS = 24

// Counted in one go with the rest, the oldest hour first.
const TREND = Array.from({ length: HOURS }, (_, place) => `count(*) filter (where hour = ${HOURS - 1 - place})`)

// Each costs some microseconds to put into its group. With many queues it is fewer of each.
const COUNTED = 2500
const LEAST = 125

const filterShape = z.object({
  error: z.string().optional(),
  where: z.string().optional(),
  since: z.iso.datetime({ offset: true }).optional(),
  until: z.iso.datetime({ offset: true }).optional(),
  payload: payloadText.optional(),
  fingerprint: z.string().optional(),
})

/**
 * What jobs failed of, by queue and fingerprint, and how often in each of the last 24 hours: of a queue or of all, those
 * that a filter fits. Throws a `SupaqueueError`.
 */
export async function readFailures(source: Source, params: URLSearchParams): Promise<Failures> {
  const { queue, filter } = meantBy(params)
  const [row] = await source.read<{ most: number }>(
    'select greatest($1, $2 / greatest(count(*), 1))::integer as most from supaqueue.queue',
    [LEAST, COUNTED],
  )
  const { most } = row!
  const queues = await source.read<{ name: string }>('select name from supaqueue.queue order by name')
  const { payload } = filter
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
       where ($3::jsonb is null or job.payload @> $3) and ($4::jsonpath is null or job.payload @@ $4)
         and ($5::text is null or position(lower($5) in lower(job.error)) > 0)
         and ($6::timestamptz is null or job.finished_at >= $6) and ($7::timestamptz is null or job.finished_at < $7)
     ) as failed
     where queue.name = $2 or $2 is null
     group by queue.id, queue.name, failed.fingerprint
     order by count(*) desc, queue.name, failed.fingerprint
     limit 200`,
    [
      most,
      queue,
      payload ?? null,
      filter.where ?? null,
      filter.error ?? null,
      filter.since ?? null,
      filter.until ?? null,
    ],
  )
  return { groups, most, queues: queues.map(({ name }) => name) }
}

/** How many failed jobs are meant by a queue and a filter. Throws a `SupaqueueError`. */
export async function readMeant(source: Source, params: URLSearchParams): Promise<Bulk> {
  const { queue, filter } = meantBy(params)
  const [row] = await source.read<{ bulk: Bulk }>(
    'select supaqueue.retry_where($1, $2::jsonb, dry_run => true) as bulk',
    [queue, filterText(filter)],
  )
  return row!.bulk
}

/** How far something is that was done to many failed jobs. */
export async function readBulk(source: Source, params: URLSearchParams): Promise<BulkProgress> {
  const action = params.get('action') ?? ''
  if (!/^\d{1,18}$/.test(action)) {
    throw new SupaqueueError('SQ422', 'the address does not say what was done', 'Begin at the list of failures.')
  }
  const [row] = await source.read<{ told: BulkProgress }>(
    `select told || jsonb_build_object('filter', ${toldFilter(`told -> 'filter'`)}) as told
     from (select supaqueue.bulk_progress($1) as told offset 0) as done`,
    [action],
  )
  return row!.told
}

/** What was done lately to many failed jobs, the newest first. */
export async function readBulks(source: Source): Promise<Bulks> {
  const actions = await source.read<BulkLine>(
    `select bulk_action.id, bulk_action.at, bulk_action.act, queue.name as queue, ${
      toldFilter('bulk_action.filter')
    } as filter,
       cardinality(bulk_action.jobs) as jobs, bulk_action.undone_at
     from supaqueue.bulk_action
     left join supaqueue.queue on queue.id = bulk_action.queue
     order by bulk_action.id desc
     limit 5`,
  )
  return { actions }
}

/** The filter as the database reads it. */
export const filterText = ({ payload, ...filter }: FailedFilter): string => jsonWith(filter, 'payload', payload)

/** The same back, with the payload as text. */
const toldFilter = (filter: string): string =>
  `case when ${filter} ? 'payload' then ${filter} || jsonb_build_object('payload', (${filter} -> 'payload')::text) else ${filter} end`

function meantBy(params: URLSearchParams): { queue: string | null; filter: z.infer<typeof filterShape> } {
  const read = filterShape.safeParse(jsonOf(params.get('filter') ?? '{}'))
  if (!read.success) throw new SupaqueueError('SQ422', z.prettifyError(read.error), 'Change the filter, or clear it.')
  return { queue: params.get('queue') || null, filter: read.data }
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}
