import type { Overview, Queue } from '../../../console/answers.ts'
import type { Source } from '../source.ts'
import { makeSparks } from './sparks.ts'

/** Returns a reader of every queue at a glance, with the minutes of the last hour as far as they have been counted. */
export function makeOverview(source: Source): () => Promise<Overview> {
  const sparks = makeSparks(source)
  return async () => {
    const [rows, swept] = await Promise.all([
      source.read<Omit<Queue, 'spark'>>('select * from supaqueue.queue_overview order by name'),
      source.read<{ swept_at: string }>('select swept_at from supaqueue.last_sweep'),
    ])
    const sparkOf = await sparks(rows.map(({ queue }) => queue))
    return {
      queues: rows.map((row) => ({ ...row, spark: sparkOf(row.queue) })),
      swept_at: swept[0]?.swept_at ?? null,
    }
  }
}
