import type pg from 'pg'
import { until } from './until.ts'

/** Waits until every job has ended that ends by itself. What waits for others is released in a transaction of its own. */
export const untilAllEnded = async (db: pg.Client): Promise<void> =>
  void await until(async () => {
    const { rows: [seen] } = await db.query(
      `select exists (
         select from supaqueue.job where status in ('pending', 'in_progress')
           or status = 'held' and exists (select from supaqueue.job_dependency where target = job.id)
       ) as unfinished`,
    )
    return !seen.unfinished
  })
