import type { Database } from '../project/database.ts'
import type { Step } from './step.ts'

export const scheduleStep: Step = {
  name: 'the sweep, every ten seconds by pg_cron',

  isInPlace: async ({ db }) =>
    (await ownJobs(db)).some(({ name, active, schedule }) =>
      name === 'supaqueue_sweep' && active && schedule === '10 seconds'
    ),

  async putInPlace({ db }) {
    if (!await hasCron(db)) {
      return 'pg_cron is not there: planned jobs and lost leases wait for the next enqueue, or for select supaqueue.sweep()'
    }
    await db.change('select supaqueue_internal.schedule_sweep()')
    // A job that was switched off stays so when it is scheduled again.
    for (const { id, active } of await ownJobs(db)) {
      if (!active) await db.change('select cron.alter_job($1, active := true)', [id])
    }
  },

  async takeAway({ db }) {
    const jobs = await ownJobs(db)
    for (const { id, name } of jobs) {
      await db.change('select cron.unschedule($1)', [name])
      await db.change('delete from cron.job_run_details where jobid = $1', [id])
    }
    return jobs.length > 0
  },
}

/** The cron jobs that are ours: their names begin with ours. */
export async function ownJobs(
  db: Database,
): Promise<{ id: number; name: string; active: boolean; schedule: string }[]> {
  if (!await hasCron(db)) return []
  return await db.query(
    `select jobid::integer as id, jobname as name, active, schedule from cron.job where starts_with(jobname, 'supaqueue_')`,
  )
}

export async function hasCron(db: Database): Promise<boolean> {
  const [cron] = await db.query<{ exists: boolean }>(
    `select to_regprocedure('cron.schedule(text,text,text)') is not null as exists`,
  )
  return cron?.exists ?? false
}
