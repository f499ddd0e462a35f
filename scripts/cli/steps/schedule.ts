import type { Database } from '../project/database.ts'
import type { Step } from './step.ts'

export const scheduleStep: Step = {
  name: 'the sweep, called by pg_cron',

  isInPlace: async ({ db }) => (await sweepJob(db))?.active === true,
  detail: async ({ db }) => rhythmOf(await sweepJob(db)),

  async putInPlace({ db, dry }) {
    // Where nothing is really done, the step before has not enabled it.
    if (!dry && !await hasCron(db)) {
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

type CronJob = { id: number; name: string; active: boolean; schedule: string; command: string }

export const sweepJob = async (db: Database): Promise<CronJob | undefined> =>
  (await ownJobs(db)).find(({ name }) => name === 'supaqueue_sweep')

/** How often a job comes, in words. Older releases of pg_cron are given minutes, and a command that fills them. */
export function rhythmOf(job: CronJob | undefined): string | undefined {
  if (job === undefined) return undefined
  if (job.schedule === '10 seconds') return 'every ten seconds'
  if (job.schedule === '* * * * *' && /\bpg_sleep\b/.test(job.command)) {
    return 'every ten seconds, in one run a minute, because pg_cron before 1.5 knows no seconds'
  }
  return job.schedule === '* * * * *'
    ? 'every minute only: what no event announces comes up to a minute late. The installer has it come every ten seconds'
    : `by the schedule ${job.schedule}`
}

/** The cron jobs that are ours: their names begin with ours. */
async function ownJobs(db: Database): Promise<CronJob[]> {
  if (!await hasCron(db)) return []
  return await db.query(
    `select jobid::integer as id, jobname as name, active, schedule, command from cron.job where starts_with(jobname, 'supaqueue_')`,
  )
}

export async function hasCron(db: Database): Promise<boolean> {
  const [cron] = await db.query<{ exists: boolean }>(
    `select to_regprocedure('cron.schedule(text,text,text)') is not null as exists`,
  )
  return cron?.exists ?? false
}
