import type { Harness } from '../../../support/harness.ts'

/** What happened in a queue ever since. */
export const counters = async (harness: Harness, queue: string) =>
  (await harness.db.query('select * from supaqueue.queue_counters where queue = $1', [queue])).rows[0]

/** Writes down what happened, as the walk does. */
export async function happened(harness: Harness, queue: string, what: Record<string, unknown>): Promise<void> {
  const names = Object.keys(what)
  await harness.db.query(
    `insert into supaqueue.counter_delta (queue, ${names.join(', ')}) values ($1, ${names.map((_, i) => `$${i + 2}`)})`,
    [queue, ...Object.values(what)],
  )
}

export const fold = async (harness: Harness, most = 20_000): Promise<number> =>
  (await harness.db.query('select supaqueue_internal.fold_counters($1) as folded', [most])).rows[0].folded

export const deltas = async (harness: Harness, queue: string): Promise<number> =>
  (await harness.db.query('select count(*) from supaqueue.counter_delta where queue = $1', [queue])).rows[0].count

/** Steps of a histogram that are not empty: bound in milliseconds to how many. */
export async function steps(harness: Harness, histogram: string[]): Promise<Record<string, number>> {
  const { rows } = await harness.db.query('select unnest(supaqueue_internal.histogram_bounds()) as ms')
  const bounds = [...rows.map(({ ms }) => String(ms)), 'more']
  return Object.fromEntries(
    bounds.map((bound, i) => [bound, Number(histogram[i] ?? 0)] as const).filter(([, times]) => times > 0),
  )
}

/** How many a histogram holds. */
export const sizeOf = (histogram: string[]): number => histogram.reduce((all, times) => all + Number(times), 0)
