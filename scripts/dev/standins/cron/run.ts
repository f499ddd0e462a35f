import pg from 'pg'
import { Client } from '../../../cli/connection/client.ts'
import { SupaqueueError } from '../../../../supabase/functions/_shared/supaqueue/errors.ts'

export type Job = { jobid: string; jobname: string | null; schedule: string; command: string; username: string }

/** One run of a job under way. */
export type Run = {
  /** Resolves when it has ended well, rejects with SQ500 otherwise. Both are in the history. */
  ended: Promise<void>
  /** Ends it early. */
  abandon(): Promise<void>
}

export type Servers = {
  /** Of a superuser: reads the schedule and writes the history. */
  databaseUrl: string
  /**
   * Of the role that owns the database: jobs that no superuser scheduled run over it, as their user. A superuser's session
   * under another name may become the superuser again, and run programs of this machine. Default: `databaseUrl`.
   */
  ownerUrl?: string
}

/** Runs a job once as the user who scheduled it, over a connection of its own, and writes the history. */
export function startRun({ databaseUrl, ownerUrl }: Servers, job: Job): Run {
  const book = new Client({ connectionString: databaseUrl, application_name: 'pg_cron stand-in' })
  const own = ownerUrl !== undefined && job.username !== decodeURIComponent(new URL(databaseUrl).username)
  const client = new Client({
    connectionString: own ? ownerUrl : databaseUrl,
    application_name: 'pg_cron stand-in, running a job',
  })
  // A lost connection shows in the query that meets it.
  for (const each of [book, client]) each.on('error', () => {})
  let pid: number | undefined
  let abandoned = false

  async function whole() {
    try {
      await book.connect()
      await book.query(asBookkeeper)
      const runid = await begin(book, job)
      try {
        await client.connect()
        pid = await startedAs(client, job.username, own)
        if (abandoned) throw new Error('the scheduler was stopped')
        await note(book, runid, 'running', null, pid)
        await note(book, runid, 'succeeded', summary(await client.query(job.command)))
      } catch (reason) {
        const { message } = reason as Error
        await note(book, runid, 'failed', `ERROR:  ${message}`)
        throw new SupaqueueError(
          'SQ500',
          `The cron job ${job.jobname ?? job.jobid} failed: ${message}`,
          'Run its command by hand, as the user who scheduled it: select * from cron.job.',
        )
      }
    } finally {
      await Promise.allSettled([client.end(), book.end()])
    }
  }

  const ended = whole()
  return {
    ended,
    async abandon() {
      abandoned = true
      // Ending the connection would leave the backend at work until its statement is done.
      if (pid !== undefined) await book.query('select pg_terminate_backend($1)', [pid]).catch(() => {})
      await ended.catch(() => {})
    },
  }
}

async function begin(book: pg.Client, job: Job): Promise<string> {
  const { rows: [run] } = await book.query<{ runid: string }>(
    `insert into cron.job_run_details (jobid, database, username, command, status)
    values ($1, current_database(), $2, $3, 'starting')
    returning runid`,
    [job.jobid, job.username, job.command],
  )
  return run?.runid as string
}

/** What a superuser does with tables that others may put triggers on: none of them runs. */
export const asBookkeeper = 'set session_replication_role = replica'

async function startedAs(client: pg.Client, username: string, own: boolean): Promise<number> {
  const { rows: [self] } = await client.query<{ pid: number }>('select pg_backend_pid() as pid')
  if (!own) await client.query(`set session authorization ${pg.escapeIdentifier(username)}`)
  else if (username !== client.user) await client.query(`set role ${pg.escapeIdentifier(username)}`)
  return self?.pid as number
}

const note = (book: pg.Client, runid: string, status: string, message: string | null, pid?: number) =>
  book.query(
    `update cron.job_run_details
    set status = $2,
      return_message = $3,
      job_pid = coalesce($4, job_pid),
      start_time = coalesce(start_time, clock_timestamp()),
      end_time = case when $2 <> 'running' then clock_timestamp() end
    where runid = $1`,
    [runid, status, message, pid ?? null],
  )

// Several statements come back as several results; the last one counts.
function summary(results: pg.QueryResult | pg.QueryResult[]): string {
  const last = Array.isArray(results) ? results.at(-1) : results
  if (!last?.command) return ''
  const { command, rowCount } = last
  if (command === 'SELECT') return rowCount === 1 ? '1 row' : `${rowCount} rows`
  if (command === 'INSERT') return `INSERT 0 ${rowCount}`
  return rowCount === null ? command : `${command} ${rowCount}`
}
