import type { Overview, Queue } from '../../../console/answers.ts'
import type { Source } from '../source.ts'
import { readSparks } from './sparks.ts'

/** Returns a reader of every queue at a glance, with the minutes of the last hour. */
export function makeOverview(source: Source): () => Promise<Overview> {
  return async () => {
    const [rows, swept, sparkOf] = await Promise.all([
      source.read<Omit<Queue, 'spark'>>(
        `select *, extract(epoch from empty_in)::float8 as empty_s from supaqueue.queue_overview order by name`,
      ),
      source.read<{ swept_at: string }>('select swept_at from supaqueue.last_sweep'),
      readSparks(source),
    ])
    return {
      queues: rows.map((row) => ({ ...row, spark: sparkOf(row.queue) })),
      swept_at: swept[0]?.swept_at ?? null,
    }
  }
}
