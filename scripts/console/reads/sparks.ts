import type { Spark } from '../../../console/answers.ts'
import type { Source } from '../source.ts'

const MINUTES = 60
const MINUTE_MS = 60_000
// Of one minute so many are counted; from how long they took follows how many there were.
const COUNTED = 500
// So many minutes of queues are counted in one go: the hour of a new queue, or the last minute of all.
const AT_ONCE = 240

type Minute = { ended: number; failed: number }

/**
 * Returns a reader of how many jobs ended in each minute of the last hour. A minute that is over is counted once for
 * all, by index, and at most 500 of it: what a look costs does not grow with how many jobs end.
 */
export function makeSparks(source: Source, now: () => number = Date.now) {
  const known = new Map<string, Minute>()

  return async (queues: string[]): Promise<(queue: string) => Spark> => {
    // The minute that has just ended may still lack what commits late.
    const last = Math.floor((now() - 5_000) / MINUTE_MS) - 1
    const minutes = Array.from({ length: MINUTES }, (_, place) => last - MINUTES + 1 + place)
    const wanted = minutes.toReversed().flatMap((minute) =>
      queues.map((queue) => ({ queue, minute })).filter(({ queue, minute }) => !known.has(keyOf(queue, minute)))
    ).slice(0, AT_ONCE)
    for (const { queue, minute, ...counted } of await count(source, wanted)) known.set(keyOf(queue, minute), counted)
    for (const key of known.keys()) if (Number(key.split(' ')[1]) <= last - MINUTES) known.delete(key)

    return (queue) => {
      const found = minutes.map((minute) => known.get(keyOf(queue, minute)))
      return { ended: found.map((one) => one?.ended ?? null), failed: found.map((one) => one?.failed ?? null) }
    }
  }
}

const keyOf = (queue: string, minute: number) => `${queue} ${minute}`

async function count(
  source: Source,
  wanted: { queue: string; minute: number }[],
): Promise<({ queue: string; minute: number } & Minute)[]> {
  if (wanted.length === 0) return []
  const rows = await source.read<{ queue: string; minute: number; succeeded: number; failed: number }>(
    `select cell.queue, cell.minute, ${estimated('success')} as succeeded, ${estimated('failed')} as failed
     from unnest($1::uuid[], $2::bigint[]) as cell (queue, minute)`,
    [wanted.map(({ queue }) => queue), wanted.map(({ minute }) => minute)],
  )
  return rows.map(({ queue, minute, succeeded, failed }) => ({ queue, minute, ended: succeeded + failed, failed }))
}

const estimated = (status: 'success' | 'failed') =>
  `(
  select case when count(*) < ${COUNTED} then count(*)
    else round(count(*) * 60 / greatest(extract(epoch from max(first.finished_at)) - cell.minute * 60, 0.001)) end
  from (
    select job.finished_at from supaqueue.job
    where job.queue = cell.queue and job.status = '${status}'
      and job.finished_at >= to_timestamp(cell.minute * 60) and job.finished_at < to_timestamp(cell.minute * 60 + 60)
    order by job.finished_at
    limit ${COUNTED}
  ) as first
)`
