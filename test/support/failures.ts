import { randomUUID } from 'node:crypto'
import type { Harness } from './harness.ts'

/** What the error of `failedJob` has in common with others of the same words. */
export const fingerprintOf = (words: string) => `failed 500: ${words} #`

/** A job that failed for good, with an attempt of status 500 and the error `<words> <number>`; the later, the newer. */
export async function failedJob(
  harness: Harness,
  queue: string,
  words = 'no user',
  columns: Record<string, unknown> = {},
): Promise<number> {
  const names = Object.keys(columns)
  const { rows } = await harness.db.query(
    `insert into supaqueue.job (queue, status, attempts, error${names.map((name) => `, ${name}`).join('')})
     values ($1, 'failed', 3, concat($2::text, ' ', floor(random() * 1000000))${
      names.map((_, i) => `, $${i + 3}`).join('')
    })
     returning id`,
    [queue, words, ...Object.values(columns)],
  )
  const job: number = rows[0].id
  await tried(harness, job)
  return job
}

/** Writes down an attempt of a job that was answered by 500, and its error. */
export async function tried(harness: Harness, job: number, error?: string, status = 500): Promise<void> {
  if (error) await harness.update('job', job, { error })
  await harness.db.query(
    `insert into supaqueue.attempt (job, attempt, outcome, status, ended_at, run) values ($1, 1, 'failed', $2, now(), $3)`,
    [job, status, randomUUID()],
  )
}

export const retryFailures = async (harness: Harness, ...args: unknown[]): Promise<number> =>
  (await harness.db.query(`select supaqueue.retry_failures(${args.map((_, i) => `$${i + 1}`)}) as retried`, args))
    .rows[0]
    .retried

export const statuses = async (harness: Harness, queue: string): Promise<Record<number, string>> => {
  const { rows } = await harness.db.query('select id, status from supaqueue.job where queue = $1 order by id', [queue])
  return Object.fromEntries(rows.map(({ id, status }) => [id, status]))
}
