import { randomUUID } from 'node:crypto'
import pg from 'pg'
import { applyDatabase, configureDatabase } from '../scripts/cli/database/apply.ts'
import { type Postgres, startPostgres } from '../scripts/dev/postgres.ts'
import { installStandIns } from '../scripts/dev/standins/standins.ts'

/** A database of its own with a queue in it, whose turns are taken over one connection, without a dispatcher. */
export type Copy = {
  /** Takes so many turns, each with the reports of the last; milliseconds of each. Jobs are refilled unmeasured. */
  turns(many: number): Promise<number[]>
  /** Inserts so many jobs, one by one, as a user does; milliseconds of each. */
  inserts(many: number): Promise<number[]>
  /** Sweeps once; milliseconds. */
  sweep(): Promise<number>
  /** Of the owner of the database. */
  ownerUrl: string
}

const waiting = 1000

export type CopyOptions = {
  workers?: number
  /** Its queue is ordered by key: SQL that makes a key of the number `i`. */
  key?: string
  /** Another queue of it is ordered. */
  beside?: boolean
}

/** What a server needs that is to cost what a project's does: one that is thrown away leaves it out. */
export const durable = { fsync: 'on', full_page_writes: 'on' }

/** A server, and a function that makes databases on it; `fill` is SQL in the name of the queue $1. */
export async function withCopies<Result>(
  work: (makeCopy: (fill?: string, options?: CopyOptions) => Promise<Copy>) => Promise<Result>,
  settings: Record<string, string> = {},
): Promise<Result> {
  const postgres = await startPostgres({
    settings: { max_wal_size: '8GB', maintenance_work_mem: '512MB', ...settings },
  })
  const clients: pg.Client[] = []
  try {
    await postgres.createDatabase('template')
    await installStandIns(postgres.urlFor('admin', 'template'))
    await applyDatabase(postgres.urlFor('owner', 'template'))
    await configureDatabase(postgres.urlFor('owner', 'template'), {
      functionsUrl: 'http://127.0.0.1:9/functions/v1',
      secret: randomUUID(),
    })
    return await work((fill, options) => makeCopy(postgres, clients, fill, options))
  } finally {
    await Promise.all(clients.map((client) => client.end().catch(() => {})))
    await postgres.close()
  }
}

let made = 0

async function makeCopy(
  postgres: Postgres,
  clients: pg.Client[],
  fill?: string,
  { workers = 10, key, beside = false }: CopyOptions = {},
): Promise<Copy> {
  const name = `copy_${++made}`
  await postgres.createDatabase(name, 'template')
  const admin = await connect(postgres.urlFor('admin', name))
  await admin.query('set statement_timeout = 0')
  const { rows: [queue] } = await admin.query(
    `insert into supaqueue.queue (name, edge_function_name, ordered) values ('measured', 'noop', $1) returning id`,
    [key === undefined ? null : 'key'],
  )
  await admin.query('insert into supaqueue.worker (queue) select $1 from generate_series(1, $2)', [queue.id, workers])
  if (beside) {
    await admin.query(
      `insert into supaqueue.queue (name, edge_function_name, ordered) values ('beside', 'noop', 'key')`,
    )
  }
  // Places in line are written by triggers.
  if (key === undefined) await admin.query('set session_replication_role = replica')
  const refill = (jobs: number) =>
    admin.query(
      `insert into supaqueue.job (queue, concurrency_key) select $1, ${
        key ?? 'null'
      } from generate_series(1, $2::integer) as i`,
      [queue.id, jobs],
    )
  await refill(waiting)
  if (fill) await admin.query(fill, [queue.id])
  while (key !== undefined && (await admin.query('select from supaqueue.line_change limit 1')).rowCount) {
    await admin.query('select supaqueue_internal.due_in_line($1, clock_timestamp(), 0, true, null)', [queue.id])
  }
  await admin.query('vacuum analyze')

  const db = await connect(postgres.urlFor('authenticator', name))
  await db.query('set role service_role')
  const run = randomUUID()
  let reports: unknown[] = []
  const turn = async () => {
    const request = { run, queue: queue.id, reports, room: workers }
    const from = performance.now()
    const { rows: [row] } = await db.query({
      name: 'turn',
      text: 'select public.supaqueue_turn($1) as answer',
      values: [JSON.stringify(request)],
    })
    const took = performance.now() - from
    reports = row.answer.jobs.map((job: { current_job: { id: string } }) => ({
      token: job.current_job.id,
      outcome: 'success',
      result: { ok: true },
    }))
    if (reports.length !== workers) throw new Error(`a turn brought ${reports.length} jobs instead of ${workers}`)
    return took
  }

  return {
    ownerUrl: postgres.urlFor('owner', name),
    async turns(many) {
      const taken: number[] = []
      for (let i = 0; i < many; i++) taken.push(await turn())
      await refill(many * workers)
      return taken
    },
    async inserts(many) {
      const taken: number[] = []
      for (let i = 0; i < many; i++) {
        const from = performance.now()
        await db.query({ name: 'insert', text: 'insert into supaqueue.job (queue) values ($1)', values: [queue.id] })
        taken.push(performance.now() - from)
      }
      return taken
    },
    async sweep() {
      const from = performance.now()
      await db.query('select * from supaqueue.sweep()')
      return performance.now() - from
    },
  }

  async function connect(connectionString: string): Promise<pg.Client> {
    const client = new pg.Client({ connectionString })
    client.on('error', () => {})
    await client.connect()
    clients.push(client)
    return client
  }
}
