import type pg from 'pg'

/** Whether all jobs of a queue have succeeded. Throws when one has failed for good: it will not come. */
export async function allSucceeded(
  db: pg.Pool,
  table: 'supaqueue.job' | 'yardstick.job',
  queue: string,
): Promise<boolean> {
  const { rows: [found] } = await db.query(
    `select
       exists (select from ${table} where queue = $1 and status <> 'success') as waiting,
       exists (select from ${table} where queue = $1 and status = 'failed') as failed`,
    [queue],
  )
  if (found.failed) throw new Error(`a job in ${table} has failed`)
  return !found.waiting
}
