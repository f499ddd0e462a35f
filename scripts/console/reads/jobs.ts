import type { JobLine, Jobs, Sort } from '../../../console/answers.ts'
import { SupaqueueError } from '../../../supabase/functions/_shared/supaqueue/errors.ts'
import type { Source } from '../source.ts'
import { type Filter, readFilter, readKey, writeKey } from './filter.ts'
import { type Found, type Key, type Keyset, readPage } from './keyset.ts'
import { anyEnd, backwards, batchOrder, everyJob, keysets } from './keysets.ts'

/** What a line of the list has, of `found` and `queue`. */
export const LINE = `
  found.id, queue.name as queue_name, found.status, found.attempts, found.priority, found.created_at, found.run_at,
  found.finished_at, supaqueue_internal.excerpt(found.payload) as payload, left(found.error, 200) as error,
  found.progress_percent, found.dedupe_key, found.batch, found.call_ms`

const PAGE = 50
// Of a queue, all that runs and what begins next stand before what has ended.
const FIRST = 25
// A narrow filter is looked for so long; then somebody says whether to go on.
const LOOK_MS = 80
// What no index is in the order of is sorted among so many jobs.
const SORTED = 500

// SQL of what comes first, the highest first; null comes last.
const FIRST_BY: Record<Sort, string> = {
  oldest: '-found.id',
  due: '-extract(epoch from found.run_at)',
  priority: 'found.priority',
  attempts: 'found.attempts',
  slowest: 'found.call_ms',
}

/** One page of the jobs that a filter fits. Throws `SupaqueueError`s. */
export async function readJobs(source: Source, params: URLSearchParams): Promise<Jobs> {
  const filter = readFilter(params)
  const queues = await source.read<{ id: string; name: string }>('select id, name from supaqueue.queue order by name')
  const queue = filter.queue === undefined ? undefined : queues.find(({ name }) => name === filter.queue)
  if (filter.queue !== undefined && !queue) {
    throw new SupaqueueError('SQ404', `there is no queue ${filter.queue}`, 'Choose one of the list.')
  }
  const after = readKey(filter.after)
  const byQueue = queue ? [queue.id] : queues.map(({ id }) => id)
  const order = orderOf(filter, queue !== undefined)
  const byIndex = filter.sort === 'oldest' ? backwards.get(order) : filter.sort ? undefined : order
  const branches = order === batchOrder || order === everyJob ? [null] : byQueue
  // Of a queue: all that runs, and what begins next.
  const before = !filter.status && !filter.batch && queue
    ? [{ order: keysets.in_progress, most: PAGE }, { order: keysets.pending, most: FIRST }]
    : []
  const answer = { sorted: null, queues: queues.map(({ name }) => name) }

  if (byIndex) {
    const found = await look<JobLine>(source, byIndex, filter, { branches, queue: queue?.id, after })
    const first = after || filter.sort ? [] : await Promise.all(
      before.map(({ order, most }) => look<JobLine>(source, order, filter, { branches, queue: queue?.id, most })),
    )
    return {
      ...answer,
      jobs: [...first.flatMap(({ rows }) => rows), ...found.rows].map(({ key: _, ...line }) => line),
      next: found.stop && writeKey(found.stop),
      full: found.full,
    }
  }

  const columns = `found.id, (${FIRST_BY[filter.sort!]})::float8 as place_by`
  const looks = await Promise.all(
    [...before.map(({ order }) => order), order].map((order) =>
      look<{ id: number; place_by: number | null }>(source, order, filter, {
        branches,
        queue: queue?.id,
        most: SORTED,
        columns,
      })
    ),
  )
  const known = looks.flatMap(({ rows }) => rows).sort((a, b) =>
    (b.place_by ?? -Infinity) - (a.place_by ?? -Infinity) || b.id - a.id
  )
  const from = after?.[0] ?? 0
  const ids = known.slice(from, from + PAGE).map(({ id }) => id)
  const lines = await source.read<JobLine>(
    `select ${LINE} from supaqueue.job as found join supaqueue.queue on queue.id = found.queue
     where found.id = any ($1::bigint[])`,
    [ids],
  )
  return {
    ...answer,
    jobs: ids.flatMap((id) => lines.filter((line) => line.id === id)),
    next: from + PAGE < known.length ? writeKey([from + PAGE]) : null,
    full: looks.every(({ full }) => full),
    sorted: looks.every(({ stop }) => stop === null) ? null : known.length,
  }
}

/** The keyset that a filter is answered by. */
function orderOf({ batch, status }: Filter, ofQueue: boolean): Keyset {
  if (batch !== undefined) return batchOrder
  if (status) return keysets[status]
  return ofQueue ? anyEnd : everyJob
}

type Looked = {
  branches: (string | null)[]
  queue: string | undefined
  after?: Key | null
  most?: number
  columns?: string
}

async function look<Row>(
  source: Source,
  order: Keyset,
  filter: Filter,
  { branches, queue, after = null, most = PAGE, columns = LINE }: Looked,
): Promise<Found<Row>> {
  const byEnd = order.key[0]!.includes('finished_at')
  const time = byEnd ? 'walked.finished_at' : order === keysets.pending ? 'walked.run_at' : 'walked.created_at'
  // A batch has jobs of every status; the other keysets are of one, or of none.
  const status = branches[0] === null ? filter.status : undefined
  const conditions = [
    { sql: (at: string) => `walked.status = ${at}::supaqueue.job_status`, value: status },
    { sql: (at: string) => `walked.queue = ${at}::uuid`, value: branches[0] === null ? queue : undefined },
    { sql: (at: string) => `walked.payload @> ${at}::jsonb`, value: filter.payload },
    { sql: (at: string) => `walked.payload @@ ${at}::jsonpath`, value: filter.where },
    { sql: (at: string) => `position(lower(${at}) in lower(walked.error)) > 0`, value: filter.error },
    { sql: (at: string) => `${at} in (walked.dedupe_key, walked.begun_key)`, value: filter.key },
    { sql: (at: string) => `${time} >= ${at}::timestamptz`, value: filter.since },
    { sql: (at: string) => `${time} <= ${at}::timestamptz`, value: filter.until },
  ].filter(({ value }) => value !== undefined)

  const rows: Found<Row>['rows'] = []
  const ids = order.directions.length === 1 && order !== batchOrder ? await idsOf(source, filter) : {}
  const until = performance.now() + LOOK_MS
  for (let from = after;;) {
    const found = await readPage<Row>(source, order, {
      ...ids,
      queues: branches,
      batch: filter.batch,
      since: filter.since,
      until: filter.until,
      columns,
      fits: conditions.map(({ sql }, place) => sql(`$${place + 10}`)).join(' and ') || 'true',
      values: conditions.map(({ value }) => value),
      after: from,
      most: most - rows.length,
    })
    rows.push(...found.rows)
    if (found.full || found.stop === null || performance.now() > until) return { ...found, rows }
    from = found.stop
  }
}

/** Which ids the jobs of a time can have: what was created before and after need not be passed by. */
async function idsOf(source: Source, { since, until }: Filter): Promise<{ low?: number; high?: number }> {
  const last = async (at: string) => (await source.read<{ id: number | null }>(LAST_BEFORE, [at]))[0]?.id
  const [first, end] = [since && await last(since), until && await last(until)]
  return { ...(first && { low: first - LEAP }), ...(end && { high: end + LEAP }) }
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
