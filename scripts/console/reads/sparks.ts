import type { Spark } from '../../../console/answers.ts'
import type { Source } from '../source.ts'

const MINUTES = 60
const MINUTE_MS = 60_000

type Row = { queue: string; minute: number; ended: number; failed: number; backlog: number | null }

/**
 * Reads how many calls ended in each minute of the last hour, how many of them failed, and how many jobs were due: by
 * queue, as the history has it. What is not there was nothing, but for the backlog, which nobody may have counted.
 */
export async function readSparks(source: Source, now: number = Date.now()): Promise<(queue: string) => Spark> {
  // The minute that goes on is not whole.
  const last = Math.floor(now / MINUTE_MS) - 1
  const rows = await source.read<Row>(
    `select queue, floor(extract(epoch from at) / 60)::bigint as minute,
       succeeded + failed + retried + rescheduled + dropped as ended, failed + retried as failed, backlog
     from supaqueue.history
     where span = 'minute' and at >= to_timestamp($1::bigint * 60) and at <= to_timestamp($2::bigint * 60)
     order by span, at`,
    [last - MINUTES + 1, last],
  )
  const known = new Map(rows.map((row) => [`${row.queue} ${row.minute}`, row]))

  return (queue) => {
    const found = Array.from({ length: MINUTES }, (_, place) => known.get(`${queue} ${last - MINUTES + 1 + place}`))
    return {
      ended: found.map((row) => row?.ended ?? 0),
      failed: found.map((row) => row?.failed ?? 0),
      backlog: found.map((row) => row?.backlog ?? null),
    }
  }
}
