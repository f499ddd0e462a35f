import type { BenchStack } from './stack.ts'
import { pause } from './wait.ts'

// Small enough that calls come evenly, large enough that inserting is not what is measured.
const everyMs = 100

/** Inserts so many jobs a second, in small batches, for so long. Falls behind rather than hurrying after a stall. */
export async function insertSteadily(
  { db }: BenchStack,
  queue: string,
  perSecond: number,
  seconds: number,
): Promise<void> {
  const batch = Math.round(perSecond * everyMs / 1000)
  const from = performance.now()
  for (let next = from; next < from + seconds * 1000; next += everyMs) {
    await pause(Math.max(0, next - performance.now()))
    await db.query('insert into supaqueue.job (queue) select $1 from generate_series(1, $2::integer)', [queue, batch])
  }
}
