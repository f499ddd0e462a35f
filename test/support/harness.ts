import { randomUUID } from 'node:crypto'
import type pg from 'pg'
import { test as base } from 'vitest'
import type { Report as TurnReport } from '../../supabase/functions/supaqueue/turn/turn.ts'
import { type TestDatabase, testDatabase } from './database.ts'
import { makeSession, type Session } from './session.ts'

type QueueSettings = Partial<{
  name: string
  edge_function_name: string | null
  url: string | null
  method: string
  allowed_hosts: string[]
  signing_secrets: string[] | null
  heeds: string[] | null
  max_repeats: number | null
  max_lease_ms: number | null
  opens: string[]
  default_headers: object
  max_attempts: number
  timeout_ms: number
  retry_base_ms: number
  retry_factor: number
  retry_max_ms: number
  max_deferrals: number | null
  max_defer_ms: number
  result_max_bytes: number
  keep_success_attempts: boolean
  redact: string[]
  paused: boolean
  mode: string
  per_key: number | null
  rate_limit: string | null
  batch_size: number
  batch_wait_ms: number
  batch_by: 'key' | null
  batch_counts: 'jobs' | 'calls'
  ordered: 'key' | 'queue' | null
  after_failure: 'block' | 'continue'
  dedupe_until: 'begun' | 'finished' | 'pruned'
  workers: number
}>

/** What a job may have of its own, in place of its queue's. */
type JobSettings = Partial<{
  url: string
  method: string
  headers: unknown
  query: unknown
  timeout_ms: number
  max_attempts: number
  retry_base_ms: number
  retry_max_ms: number
  concurrency_key: string
  version: number
  dedupe_key: string
  origin: unknown
}>

type Table = 'queue' | 'worker' | 'job' | 'current_job'

/** What the server has to say beside the answer. */
export type Notice = { severity?: string; code?: string; message?: string; hint?: string }

export type Token = string

export type Report = {
  token: Token
  outcome: TurnReport['outcome']
  result?: unknown
  error?: string
  retry_after_ms?: number
  run_at?: string
  state?: unknown
  lease_ms?: number
  status?: number
  ms?: number
  head?: string
  region?: string
  reached?: false
}

export type Answer = {
  now_ms: number
  queue: Record<string, unknown> | null
  secrets: Record<string, string> | null
  jobs: {
    current_job: { id: Token; lease_until: string; call?: string }
    job: { id: number; payload: string; attempts: number; state?: string | null } & JobSettings
  }[]
  again: Token[]
  stale: Token[]
  state: 'awake' | 'leave' | 'asleep'
  leader: boolean
  back_in_ms: number | null
  wait_ms: number | null
  settings: Record<string, string> | null
}

/** The verbs that tests are written in, over one connection. Times go in as intervals from now, such as '-9 minutes'. */
export const harness = (db: pg.Client) => {
  const one = async (sql: string, values: unknown[] = []) => (await db.query(sql, values)).rows[0]

  return {
    db,

    /** A queue of its own for the test, with as many workers as asked for (none by default). */
    async queue({ workers = 0, ...settings }: QueueSettings = {}): Promise<string> {
      const columns: Record<string, unknown> = {
        name: `q-${randomUUID()}`,
        edge_function_name: settings.url ? null : 'hello',
        ...settings,
      }
      const names = Object.keys(columns)
      const { id } = await one(
        `insert into supaqueue.queue (${names.join(', ')}) values (${names.map((_, i) => `$${i + 1}`).join(', ')})
         returning id`,
        Object.values(columns),
      )
      if (workers > 0) await this.workers(id, workers)
      return id
    },

    async workers(queue: string, count: number): Promise<string[]> {
      const { rows } = await db.query(
        'insert into supaqueue.worker (queue) select $1 from generate_series(1, $2) returning id',
        [queue, count],
      )
      return rows.map((row) => row.id)
    },

    async job(
      queue: string,
      { payload = {}, status = 'pending', priority = 0, due = '0 seconds', attempts = 0, ...own }: {
        payload?: unknown
        status?: string | null
        priority?: number
        due?: string
        attempts?: number
      } & JobSettings = {},
    ): Promise<number> {
      const names = Object.keys(own)
      const { id } = await one(
        `insert into supaqueue.job (queue, payload, status, priority, run_at, attempts${
          names.map((name) => `, ${name}`).join('')
        })
         values ($1, $2, $3, $4, now() + $5::interval, $6${names.map((_, i) => `, $${i + 7}`).join('')}) returning id`,
        [queue, JSON.stringify(payload), status, priority, due, attempts, ...Object.values(own).map(asParameter)],
      )
      return id
    },

    async jobs(queue: string, count: number): Promise<number[]> {
      const { rows } = await db.query(
        `insert into supaqueue.job (queue, payload) select $1, jsonb_build_object('n', n) from generate_series(1, $2) as n
         returning id`,
        [queue, count],
      )
      return rows.map((row) => row.id)
    },

    /** A job that was planned long ago, on a queue that has slept ever since: its time is near now. */
    async plannedJob(queue: string, due: string): Promise<number> {
      const beat = (run: string | null, until: string) =>
        db.query(`update supaqueue.heartbeat set run = $2, awake_until = now() + $3::interval where queue = $1`, [
          queue,
          run,
          until,
        ])
      await beat(randomUUID(), '5 seconds')
      const job = await this.job(queue, { due })
      await beat(null, '-1 second')
      return job
    },

    /** Many inserts that are one transaction, as a user's would be. */
    async transaction<T>(work: () => Promise<T>, isolation = 'read committed'): Promise<T> {
      await db.query(`begin isolation level ${isolation}`)
      try {
        const result = await work()
        await db.query('commit')
        return result
      } catch (reason) {
        await db.query('rollback')
        throw reason
      }
    },

    async turn(
      run: string,
      queue: string,
      request: { reports?: Report[]; room?: number } & Record<string, unknown> = {},
    ): Promise<Answer> {
      return (await one('select public.supaqueue_turn($1) as answer', [JSON.stringify({ run, queue, ...request })]))
        .answer
    },

    /** One turn that takes up to `room` jobs. */
    async take(run: string, queue: string, room = 25) {
      return (await this.turn(run, queue, { room })).jobs
    },

    /** Says that the calls of these jobs went out: from now on they use an attempt, whatever becomes of them. */
    async called(run: string, queue: string, tokens: Token[]): Promise<void> {
      await this.turn(run, queue, { called: tokens })
    },

    /** Reports the same outcome for every token. */
    async report(run: string, queue: string, tokens: Token[], outcome: Report['outcome'] = 'success', more = {}) {
      return await this.turn(run, queue, { reports: tokens.map((token) => ({ token, outcome, ...more })) })
    },

    /** A run that took all it could get and left the queue asleep when nothing was due. */
    async sleep(queue: string, run: string = randomUUID()): Promise<void> {
      const { state } = await this.turn(run, queue, { sleepy: true })
      if (state !== 'asleep') throw new Error(`the queue did not go to sleep: ${state}`)
    },

    async jobRow(id: number) {
      return await one('select * from supaqueue.job where id = $1', [id])
    },

    async currentJobs(queue: string) {
      return (await db.query('select * from supaqueue.current_job where queue = $1 order by job', [queue])).rows
    },

    async inProgress(queue: string): Promise<number[]> {
      const { rows } = await db.query(
        `select id from supaqueue.job where queue = $1 and status = 'in_progress' order by id`,
        [queue],
      )
      return rows.map((row) => row.id)
    },

    async freeWorkers(queue: string): Promise<number> {
      return (await one('select count(*) from supaqueue.worker where queue = $1 and not locked', [queue])).count
    },

    async heartbeat(queue: string): Promise<{ run: string | null; awake: boolean }> {
      return await one(
        `select run, coalesce(awake_until > clock_timestamp(), false) as awake from supaqueue.heartbeat where queue = $1`,
        [queue],
      )
    },

    /** How many wake-ups wait in pg_net for the queue. No worker of pg_net runs in these databases. */
    async wakeUps(queue: string): Promise<number> {
      return (await one(
        `select count(*) from net.http_request_queue where convert_from(body, 'utf8')::jsonb ->> 'queue' = $1`,
        [queue],
      )).count
    },

    /** The requests that wait in pg_net for the queue. */
    async requests(queue: string) {
      const { rows } = await db.query(
        `select *, convert_from(body, 'utf8') as text from net.http_request_queue
         where convert_from(body, 'utf8')::jsonb ->> 'queue' = $1 order by id`,
        [queue],
      )
      return rows
    },

    /** Makes a lease run out, or a heartbeat, without waiting for it. */
    async age(table: 'current_job' | 'heartbeat', queue: string): Promise<void> {
      const column = table === 'heartbeat' ? 'awake_until' : 'lease_until'
      await db.query(
        `update supaqueue.${table} set ${column} = clock_timestamp() - interval '1 second' where queue = $1`,
        [
          queue,
        ],
      )
    },

    async sweep(): Promise<{ leases_lost: number; queues_woken: number }> {
      return await one('select * from supaqueue.sweep()')
    },

    /** Pairs by hand: one queue, or all of them. Returns how many. */
    async processJobs(queue?: string): Promise<number> {
      return (await one(`select supaqueue.process_jobs(${queue ? '$1' : ''}) as paired`, queue ? [queue] : [])).paired
    },

    /** Every attempt of a job that was written down, the first one first. */
    async attempts(job: number) {
      return (await db.query('select * from supaqueue.attempt where job = $1 order by id', [job])).rows
    },

    /** The circuit of what a queue calls, or of another target. `left_ms`: for how long it is still open. */
    async circuit(queue: string, target: string | null = null) {
      const closed = {
        failures: 0,
        openings: 0,
        opened_at: null,
        open_until: null,
        tried_at: null,
        reason: null,
        open: false,
      }
      return await one(
        `select *, coalesce(open_until > clock_timestamp(), false) as open,
           extract(epoch from open_until - clock_timestamp())::float8 * 1000 as left_ms
         from supaqueue.circuit
         where target = coalesce($2, (select supaqueue_internal.target_of(queue) from supaqueue.queue where id = $1))`,
        [queue, target],
      ) ?? closed
    },

    /** Opens a circuit as five calls that were deferred would; `left` may be negative: it has been open for its time. */
    async openCircuit(queue: string, left = '1 minute', openings = 1, target: string | null = null): Promise<void> {
      await db.query(
        `insert into supaqueue.circuit (target, failures, openings, opened_at, open_until, reason)
         select coalesce($4, supaqueue_internal.target_of(queue)), 5, $3, clock_timestamp() - interval '1 hour',
           clock_timestamp() + $2::interval, 'too many requests'
         from supaqueue.queue where id = $1
         on conflict (target) do update
         set failures = excluded.failures, openings = excluded.openings, opened_at = excluded.opened_at,
           open_until = excluded.open_until, tried_at = null, reason = excluded.reason`,
        [queue, left, openings, target],
      )
    },

    /** Ends a current job by its token, as a function does that reports later. */
    async finish(
      token: Token | null,
      outcome: string | null,
      more: Partial<{ result: unknown; message: string; at: string; after_ms: number; state: unknown }> = {},
    ): Promise<void> {
      const names = Object.keys(more)
      await db.query(
        `select supaqueue.finish($1, $2${names.map((name, i) => `, ${name} => $${i + 3}`).join('')})`,
        [
          token,
          outcome,
          ...Object.entries(more).map(([name, value]) =>
            ['result', 'state'].includes(name) ? JSON.stringify(value) : value
          ),
        ],
      )
    },

    /** Returns until when the lease lasts. */
    async extend(token: Token | null, ...leaseMs: (number | null)[]): Promise<Date> {
      return (await one(`select supaqueue.extend($1${leaseMs.length ? ', $2' : ''}) as until`, [token, ...leaseMs]))
        .until
    },

    async progress(token: Token | null, percent: number | null, note: string | null = null): Promise<void> {
      await db.query('select supaqueue.progress($1, $2, $3)', [token, percent, note])
    },

    async assertLease(token: Token | null): Promise<void> {
      await db.query('select supaqueue.assert_lease($1)', [token])
    },

    /** Puts a secret into Vault. */
    async secret(name: string, value: string): Promise<void> {
      await db.query('select vault.create_secret($1, $2)', [value, name])
    },

    async endCurrentJob(token: Token | null, isSuccessful: boolean | null, isComplete = true): Promise<void> {
      await db.query('select public.end_current_job($1, $2, $3)', [token, isComplete, isSuccessful])
    },

    /** The current job of a job, undefined when it has none. */
    async currentJob(job: number) {
      return await one('select * from supaqueue.current_job where job = $1', [job])
    },

    /** Writes some columns of one row, as a user would by hand. */
    async update(table: Table, id: string | number, columns: Record<string, unknown>): Promise<void> {
      const assignments = Object.keys(columns).map((name, i) => `${name} = $${i + 2}`)
      await db.query(`update supaqueue.${table} set ${assignments.join(', ')} where id = $1`, [
        id,
        ...Object.values(columns),
      ])
    },

    async delete(table: Table, id: string | number): Promise<void> {
      await db.query(`delete from supaqueue.${table} where id = $1`, [id])
    },

    async setting(name: string, value: string): Promise<void> {
      await db.query(
        `insert into supaqueue.setting (name, value) values ($1, $2)
         on conflict (name) do update set value = excluded.value`,
        [name, value],
      )
    },

    async begin(isolation = 'read committed'): Promise<void> {
      await db.query(`begin isolation level ${isolation}`)
    },

    async commit(): Promise<void> {
      await db.query('commit')
    },

    async rollback(): Promise<void> {
      await db.query('rollback')
    },

    /** Holds one row until the transaction that was begun ends. */
    async hold(table: Table, id: string | number): Promise<void> {
      await db.query(`select from supaqueue.${table} where id = $1 for update`, [id])
    },

    async holdHeartbeat(queue: string): Promise<void> {
      await db.query('select from supaqueue.heartbeat where queue = $1 for update', [queue])
    },

    /** From here on whatever waits longer than a second fails: "does not wait" can be told from "waited". */
    async impatient(): Promise<void> {
      await db.query(`set statement_timeout = '1s'`)
    },

    /** The warnings that some work gave rise to. */
    async warnings(work: () => Promise<unknown>): Promise<Notice[]> {
      return (await this.notices(work)).filter(({ severity }) => severity === 'WARNING')
    },

    /** All that the server has to say about some work. */
    async notices(work: () => Promise<unknown>): Promise<Notice[]> {
      const heard: Notice[] = []
      const listen = (notice: Notice) => void heard.push(notice)
      db.on('notice', listen)
      await work()
      db.off('notice', listen)
      return heard
    },

    /** How many pages a statement looks at: what it costs, on any machine. */
    async pagesRead(sql: string, values: unknown[] = []): Promise<number> {
      const read = async () => {
        const { 'QUERY PLAN': [{ Plan: plan }] } = await one(`explain (analyze, buffers, format json) ${sql}`, values)
        return plan['Shared Hit Blocks'] + plan['Shared Read Blocks']
      }
      // As a session that has not planned it for the rows that there were.
      await db.query('discard plans')
      // The least of three, of which two are undone: where an autovacuum has just been, or other databases of the server were much
      // changed, the catalog is read, too.
      const undone = async () => {
        await db.query('begin')
        const pages = await read()
        await db.query('rollback')
        return pages
      }
      return Math.min(await undone(), await undone(), await read())
    },

    /** Whether another session's statement waits for a lock just now. */
    async isBlocked(session: { db: pg.Client }): Promise<boolean> {
      const { processID } = session.db as pg.Client & { processID: number }
      return (await one('select cardinality(pg_blocking_pids($1)) > 0 as blocked', [processID])).blocked
    },
  }
}

/** Objects and arrays are JSON to the columns of a job. */
const asParameter = (value: unknown) => typeof value === 'object' && value !== null ? JSON.stringify(value) : value

export type Harness = ReturnType<typeof harness>

/** What the tests of a file share: a database, and one session in it after the other. `renew` gives them another one. */
function makeHome() {
  const made: TestDatabase[] = []
  const home = {
    database: undefined as unknown as TestDatabase,
    session: undefined as unknown as Session,
    async renew() {
      home.database = await testDatabase()
      home.session = makeSession(home.database)
      made.push(home.database)
    },
    leave: () => Promise.all(made.map((database) => database.drop())),
  }
  return home
}

/**
 * Tests with a database per file, as service_role. `harness` is one session; `another()` opens further ones.
 * `ownDatabase` is for the test alone, for what the rest of the file must not meet. A test that is tried again has a
 * new one: in the old one its names are taken, by what it did before it failed.
 */
export const test = base.extend<{
  $file: { home: ReturnType<typeof makeHome> }
  $test: {
    database: TestDatabase
    harness: Harness
    another: (role?: Parameters<TestDatabase['connect']>[0]) => Promise<Harness>
    ownDatabase: TestDatabase
  }
}>({
  home: [
    // deno-lint-ignore no-empty-pattern
    async ({}, use) => {
      const home = makeHome()
      await home.renew()
      await use(home)
      await home.leave()
    },
    { scope: 'file' },
  ],
  database: async ({ home, task }, use) => {
    if (task.result?.retryCount) await home.renew()
    await use(home.database)
  },
  harness: async ({ home, database: _ }, use) => {
    const { session } = home
    const db = await session.open()
    // Most queues of the tests call the same function: what one test learned about it is not the next one's.
    await db.query('delete from supaqueue.circuit')
    await use(harness(db))
    await session.release(db)
  },
  another: async ({ database }, use) => {
    const opened: Harness[] = []
    await use(async (role) => {
      const session = harness(await database.connect(role))
      opened.push(session)
      return session
    })
    await Promise.all(opened.map((session) => session.db.end()))
  },
  // deno-lint-ignore no-empty-pattern
  ownDatabase: async ({}, use) => {
    const database = await testDatabase()
    await use(database)
    await database.drop()
  },
})
