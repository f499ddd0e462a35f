import { setTimeout as pause } from 'node:timers/promises'
import type pg from 'pg'
import { Client } from '../../../cli/connection/client.ts'
import { SupaqueueError } from '../../../../supabase/functions/_shared/supaqueue/errors.ts'
import { makeAgenda } from './agenda.ts'
import { asBookkeeper, type Job, type Servers, startRun } from './run.ts'

export type CronScheduler = {
  /** Ends it, and the runs under way. */
  stop(): Promise<void>
  /** Runs a job now, whatever its schedule says, and waits for its end; fails if the job does. */
  runNow(jobName: string): Promise<void>
}

// The original looks once a second, too.
const lookEveryMs = 1000
const reconnectAfterMs = 250

/**
 * Runs what is scheduled in schema cron of this database, each job as the user who scheduled it. Resolves once it can
 * read the schedule; survives the database's restarts.
 */
export async function startCronScheduler(servers: Servers): Promise<CronScheduler> {
  const { databaseUrl } = servers
  const agenda = makeAgenda((job) => startRun(servers, job))
  const ending = new AbortController()
  const { signal } = ending

  async function look(client: pg.Client) {
    while (!signal.aborted) {
      agenda.update(await activeJobs(client), Date.now())
      agenda.startDue(Date.now())
      await pause(lookEveryMs, undefined, { signal })
    }
  }

  async function lookOn(first: pg.Client) {
    let client: pg.Client | undefined = first
    while (!signal.aborted) {
      try {
        client ??= await connect(databaseUrl)
        await look(client)
      } catch {
        // The database is away, or it is time to end.
      }
      await client?.end().catch(() => {})
      client = undefined
      if (!signal.aborted) await pause(reconnectAfterMs)
    }
  }

  const whole = lookOn(await connect(databaseUrl))

  return {
    async stop() {
      ending.abort()
      await whole
      await agenda.abandon()
    },
    async runNow(jobName) {
      await agenda.runOnce(await jobNamed(databaseUrl, jobName))
    },
  }
}

async function connect(databaseUrl: string): Promise<pg.Client> {
  const client = new Client({ connectionString: databaseUrl, application_name: 'pg_cron stand-in' })
  // A lost connection shows in the next query.
  client.on('error', () => {})
  await client.connect()
  await client.query(asBookkeeper)
  // Runs do not outlive the server, and nobody else would ever close their entries.
  await client.query(
    `update cron.job_run_details
    set status = 'failed', return_message = 'server restarted', end_time = clock_timestamp()
    where status in ('starting', 'running')`,
  )
  return client
}

const columns = 'jobid, jobname, schedule, command, username'

async function activeJobs(client: pg.Client): Promise<Job[]> {
  const { rows } = await client.query<Job>(`select ${columns} from cron.job where active`)
  return rows
}

async function jobNamed(databaseUrl: string, name: string): Promise<Job> {
  const client = new Client({ connectionString: databaseUrl })
  await client.connect()
  try {
    const { rows: [job] } = await client.query<Job>(`select ${columns} from cron.job where jobname = $1`, [name])
    if (job) return job
    throw new SupaqueueError(
      'SQ404',
      `There is no cron job named ${name}.`,
      'Names are case-sensitive: select jobname from cron.job.',
    )
  } finally {
    await client.end()
  }
}
