import type { House } from '../../../support/house.ts'

/** What happened in a queue ever since. */
export const counters = async (house: House, queue: string) =>
  (await house.db.query('select * from supaqueue.queue_counters where queue = $1', [queue])).rows[0]

/** Writes down what happened, as the walk does. */
export async function happened(house: House, queue: string, what: Record<string, unknown>): Promise<void> {
  const names = Object.keys(what)
  await house.db.query(
    `insert into supaqueue.counter_delta (queue, ${names.join(', ')}) values ($1, ${names.map((_, i) => `$${i + 2}`)})`,
    [queue, ...Object.values(what)],
  )
}

export const fold = async (house: House, most = 20_000): Promise<number> =>
  (await house.db.query('select supaqueue_internal.fold_counters($1) as folded', [most])).rows[0].folded

export const deltas = async (house: House, queue: string): Promise<number> =>
  (await house.db.query('select count(*) from supaqueue.counter_delta where queue = $1', [queue])).rows[0].count

/** Steps of a histogram that are not empty: bound in milliseconds to how many. */
export async function steps(house: House, histogram: string[]): Promise<Record<string, number>> {
  const { rows } = await house.db.query('select unnest(supaqueue_internal.histogram_bounds()) as ms')
  const bounds = [...rows.map(({ ms }) => String(ms)), 'more']
  return Object.fromEntries(
    bounds.map((bound, i) => [bound, Number(histogram[i] ?? 0)] as const).filter(([, times]) => times > 0),
  )
}

/** How many a histogram holds. */
export const sizeOf = (histogram: string[]): number => histogram.reduce((all, times) => all + Number(times), 0)
