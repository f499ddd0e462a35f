import type { Source } from '../source.ts'

/** A place in the order of a keyset: one number for each thing that it is ordered by. */
export type Key = number[]

/** An order of jobs that an index keeps. */
export type Keyset = {
  /** SQL: what a job is ordered by, each as a number. */
  key: string[]
  /** Negative numbers are ordered downward. */
  directions: (1 | -1)[]
  /**
   * SQL of the jobs of one queue (`branch.queue`) or of `branch.batch` in order, by index: between `branch.since` and
   * `branch.until`, or the ids `branch.low` and `branch.high`, where these are given; and beyond `$after`, an array of the
   * numbers in `key`, null at the beginning. At most `$scan` of them.
   */
  from: string
}

/** Which jobs a page is to have, and where it begins. */
export type Page = {
  /** Ids; null is for all queues at once. */
  queues: (string | null)[]
  batch?: string | null | undefined
  since?: string | null | undefined
  until?: string | null | undefined
  /** The first id, and the last one, that a page by ids need look at. */
  low?: number | null | undefined
  high?: number | null | undefined
  /** SQL: what is read of a job (`found`) and its queue (`queue`). */
  columns: string
  /** SQL of what a job (`walked`) must have; its values begin at `$10`. */
  fits: string
  values: unknown[]
  after: Key | null
  most: number
}

/** `stop` is where to go on; null at the end. `full` is false when there may be more that fit, and they were not reached. */
export type Found<Row> = { rows: (Row & { key: Key })[]; stop: Key | null; full: boolean }

// So many jobs of a queue are looked at for one page, whatever is asked for.
const SCAN = 5000

/**
 * One page of jobs, out of several queues at once. It looks at a bounded number of jobs: where a filter is so narrow that
 * few of them fit, the page is not full, and `stop` says where to go on.
 */
export async function readPage<Row>(
  source: Source,
  { key, directions, from }: Keyset,
  { queues, batch = null, since = null, until = null, low = null, high = null, columns, fits, values, after, most }:
    Page,
): Promise<Found<Row>> {
  type Seen = Row & { key: Key; fits: boolean; branch: number; place: number }
  const scan = Math.max(most, Math.floor(SCAN / Math.max(1, queues.length)))
  const rows = await source.read<Seen>(
    `select ${columns}, found.key, found.fits, found.place, branch.place as branch
     from (
       select asked.*, $5::timestamptz as since, $6::uuid as batch, $7::timestamptz as until, $8::bigint as low,
         $9::bigint as high
       from unnest($1::uuid[]) with ordinality as asked (queue, place)
     ) as branch
     cross join lateral (
       select * from (
         select walked.*, array[${key.join(', ')}]::float8[] as key, coalesce(${fits}, false) as fits,
           row_number() over () as place
         from (${from.replaceAll('$after', '$2::float8[]').replaceAll('$scan', '$3::bigint')}) as walked
       ) as looked
       where looked.fits or looked.place = $3::bigint
       limit $4::bigint
     ) as found
     left join supaqueue.queue on queue.id = found.queue`,
    [queues, after, scan, most, since, batch, until, low, high, ...values],
  )

  const before = (a: Key, b: Key) => compare(a, b, directions) < 0
  // A queue is at its end, unless it gave all it may, or all that may be looked at was.
  const stops = queues
    .map((_, place) => rows.filter(({ branch }) => branch === place + 1).sort((a, b) => a.place - b.place))
    .filter((seen) => seen.filter(({ fits }) => fits).length >= most || seen.some(({ place }) => place === scan))
    .map((seen) => seen.at(-1)!.key)
  const stop = stops.reduce<Key | null>((first, key) => (first === null || before(key, first) ? key : first), null)
  const fitting = rows.filter(({ fits, key }) => fits && (stop === null || !before(stop, key)))
    .sort((a, b) => compare(a.key, b.key, directions))
  if (fitting.length < most) return { rows: fitting, stop, full: stop === null }
  const page = fitting.slice(0, most)
  const more = fitting.length > most || stop !== null
  return { rows: page, stop: more ? page.at(-1)!.key : null, full: true }
}

function compare(a: Key, b: Key, directions: (1 | -1)[]): number {
  for (const [place, direction] of directions.entries()) {
    if (a[place]! !== b[place]!) return a[place]! < b[place]! ? -direction : direction
  }
  return 0
}
