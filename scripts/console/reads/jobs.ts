import type { JobLine, Jobs, Status } from '../../../console/answers.ts'
import { HintedError } from '../../cli/hinted_error.ts'
import type { Source } from '../source.ts'
import { type Filter, readFilter, readKey, writeKey } from './filter.ts'
import { type Found, type Key, type Walk, walk } from './walk.ts'
import { anyEnd, batchWalk, everyJob, walks } from './walks.ts'

/** What a line of the list has, of `found` and `queue`. */
export const LINE = `
  found.id, queue.name as queue_name, found.status, found.attempts, found.priority, found.created_at, found.run_at,
  found.finished_at, supaqueue_internal.excerpt(found.payload) as payload, left(found.error, 200) as error,
  found.progress_percent, found.dedupe_key, found.batch`

const PAGE = 50
// Of a queue, all that runs and what begins next stand before what has ended.
const FIRST = 25
// A narrow filter is looked for so long; then somebody says whether to go on.
const LOOK_MS = 80

/** One page of the jobs that a filter fits. Throws `HintedError`s. */
export async function readJobs(source: Source, params: URLSearchParams): Promise<Jobs> {
  const filter = readFilter(params)
  const queues = await source.read<{ id: string; name: string }>('select id, name from supaqueue.queue order by name')
  const queue = filter.queue === undefined ? undefined : queues.find(({ name }) => name === filter.queue)
  if (filter.queue !== undefined && !queue) {
    throw new HintedError('SQ404', `there is no queue ${filter.queue}`, 'Choose one of the list.')
  }
  const after = readKey(filter.after)
  const page = (walk: Walk, status: Status | undefined, branches: (string | null)[], most = PAGE, from = after) =>
    look(source, walk, filter, { status, branches, queue: queue?.id, most, after: from })

  const found = await (() => {
    if (filter.batch !== undefined) return page(batchWalk, filter.status, [null])
    if (!filter.status && !queue) return page(everyJob, undefined, [null])
    if (filter.status) return page(walks[filter.status], undefined, queue ? [queue.id] : queues.map(({ id }) => id))
    return page(anyEnd, undefined, [queue!.id])
  })()
  const first = filter.status || filter.batch || !queue || after ? [] : await Promise.all([
    page(walks.in_progress, undefined, [queue.id], PAGE),
    page(walks.pending, undefined, [queue.id], FIRST),
  ])

  return {
    jobs: [...first.flatMap(({ rows }) => rows), ...found.rows].map(({ key: _, ...line }) => line),
    next: found.stop && writeKey(found.stop),
    full: found.full,
    queues: queues.map(({ name }) => name),
  }
}

async function look(
  source: Source,
  order: Walk,
  filter: Filter,
  { status, branches, queue, most, after }: {
    status: Status | undefined
    branches: (string | null)[]
    queue: string | undefined
    most: number
    after: Key | null
  },
): Promise<Found<JobLine>> {
  const byEnd = order === anyEnd || [walks.success, walks.failed, walks.cancelled].includes(order)
  const time = byEnd ? 'walked.finished_at' : order === walks.pending ? 'walked.run_at' : 'walked.created_at'
  const conditions = [
    { sql: (at: string) => `walked.status = ${at}::supaqueue.job_status`, value: status },
    { sql: (at: string) => `walked.queue = ${at}::uuid`, value: branches[0] === null ? queue : undefined },
    { sql: (at: string) => `walked.payload @> ${at}::jsonb`, value: filter.payload },
    { sql: (at: string) => `walked.payload @@ ${at}::jsonpath`, value: filter.where },
    { sql: (at: string) => `position(lower(${at}) in lower(walked.error)) > 0`, value: filter.error },
    { sql: (at: string) => `walked.dedupe_key = ${at}`, value: filter.key },
    { sql: (at: string) => `${time} >= ${at}::timestamptz`, value: filter.since },
    { sql: (at: string) => `${time} <= ${at}::timestamptz`, value: filter.until },
  ].filter(({ value }) => value !== undefined)

  const rows: Found<JobLine>['rows'] = []
  const until = performance.now() + LOOK_MS
  for (let from = after ?? await beginning(source, order, byEnd, filter);;) {
    const found = await walk<JobLine>(source, order, {
      queues: branches,
      batch: filter.batch,
      since: filter.since,
      columns: LINE,
      fits: conditions.map(({ sql }, place) => sql(`$${place + 7}`)).join(' and ') || 'true',
      values: conditions.map(({ value }) => value),
      after: from,
      most: most - rows.length,
    })
    rows.push(...found.rows)
    if (found.full || found.stop === null || performance.now() > until) return { ...found, rows }
    from = found.stop
  }
}

/** Where a walk that ends at a time begins: it need not pass by what came later. */
async function beginning(source: Source, order: Walk, byEnd: boolean, { until }: Filter): Promise<Key | null> {
  if (until === undefined) return null
  if (byEnd) return [new Date(until).getTime() / 1000, Number.MAX_SAFE_INTEGER]
  if (order !== everyJob) return null
  const [last] = await source.read<{ id: number | null }>(LAST_BEFORE, [until])
  return last?.id ? [last.id + LEAP] : null
}

// Transactions that were open at that time may have brought jobs with higher ids.
const LEAP = 10_000

// Ids and times of creation go up together, so it is found by halving.
const LAST_BEFORE = `
  with recursive search (low, high) as (
    select (select min(job.id) from supaqueue.job), (select max(job.id) from supaqueue.job)
    union all
    select case when probe.early then probe.id else search.low end, case when probe.early then search.high else search.middle - 1 end
    from (select low, high, (low + high + 1) / 2 as middle from search where low < high) as search
    cross join lateral (
      select job.id, job.created_at <= $1::timestamptz as early
      from supaqueue.job where job.id >= search.middle order by job.id limit 1
    ) as probe
  )
  select high as id from search order by high - low limit 1`
