import { fileURLToPath } from 'node:url'
import pg from 'pg'
import { type Stack, type StackOptions, startStack } from '../../../scripts/dev/stack.ts'
import { type Harness, harness } from '../../support/harness.ts'
import { until as untilTrue } from '../../support/until.ts'
import { startWitness, witnessFunctions } from '../../support/witness.ts'

/** The functions of these tests, for a stack. */
const faultyFunctions = fileURLToPath(new URL('functions', import.meta.url))

/** Waits for something that must come true. */
export const until = (ask: () => boolean | Promise<boolean>, deadlineMs?: number) =>
  untilTrue(() => Promise.resolve(ask()), deadlineMs)

export type Scene = Awaited<ReturnType<typeof openScene>>

/**
 * A whole stack with the functions `witness` and `answers_late`, and the words that faults are told in. Without cron and
 * without pg_net's pauses unless asked for; a run goes to sleep after 200 ms of quiet.
 */
export async function openScene({ environment, log, ...options }: StackOptions = {}) {
  const witness = await startWitness()
  const lines: string[] = []
  const stack: Stack = await startStack({
    rest: 'thin',
    pacing: false,
    cron: false,
    functions: [witnessFunctions, faultyFunctions],
    environment: { ...witness.environment, ...environment },
    log(line) {
      lines.push(line)
      log?.(line)
    },
    ...options,
    postgres: { inMemory: true, ...options.postgres },
  })
  const clients: pg.Client[] = []
  const connect = async (url: string) => {
    const client = new pg.Client({ connectionString: url })
    // Some of these tests take the server away; the next query says so.
    client.on('error', () => {})
    await client.connect()
    clients.push(client)
    return client
  }
  const db = await connect(stack.databaseUrl)
  await harness(db).setting('linger_ms', '200')

  const scene = {
    stack,
    witness,
    /** As the owner of supaqueue. */
    db,
    harness: harness(db),
    /** Opens a further connection; as the owner, unless another URL is given. */
    connect: (url = stack.databaseUrl) => connect(url),

    /** After the server was away. */
    async reconnect() {
      scene.db = await connect(stack.databaseUrl)
      scene.harness = harness(scene.db)
    },

    /** A queue for `witness` with one worker whose retries come at once, unless told otherwise. */
    queue: (settings: Parameters<Harness['queue']>[0] = {}) =>
      scene.harness.queue({
        edge_function_name: 'witness',
        workers: 1,
        retry_base_ms: 10,
        retry_max_ms: 20,
        ...settings,
      }),

    /** As a user writes it. Returns the job's id. */
    async job(queue: string, payload: unknown = {}): Promise<number> {
      const sql = 'insert into supaqueue.job (queue, payload) values ($1, $2) returning id'
      return (await scene.db.query(sql, [queue, JSON.stringify(payload)])).rows[0].id
    },

    async jobs(queue: string) {
      const { rows } = await scene.db.query('select * from supaqueue.job where queue = $1 order by id', [queue])
      return rows as { id: number; status: string; attempts: number; error: string | null; result: unknown }[]
    },

    /** What became of a queue's jobs, in the order of their ids: status and attempts. */
    fates: async (queue: string) => (await scene.jobs(queue)).map(({ status, attempts }) => `${status} ${attempts}`),

    untilEnded: (queue: string) =>
      until(async () =>
        (await scene.jobs(queue)).every(({ status }) => ['success', 'failed', 'cancelled'].includes(status))
      ),

    untilAsleep: (queue: string) => until(async () => !(await scene.harness.heartbeat(queue)).awake),

    /** Until so many calls have come, and the database knows that all calls under way went out. */
    untilCalled: (times: number) =>
      until(async () => {
        if (witness.calls.length < times) return false
        const untold = 'select from supaqueue.current_job where dispatcher is not null and not called limit 1'
        return (await scene.db.query(untold)).rowCount === 0
      }),

    /** Keeps the function waiting from now on; what is returned lets it answer, now and from then on. */
    holdAnswers() {
      let release!: () => void
      const released = new Promise<void>((resolve) => release = resolve)
      witness.answerWith(async ({ payload }) => {
        await released
        return { body: payload }
      })
      return release
    },

    /** Lets so much time go by for a queue, in which nothing happens: no signal rings. */
    async pass(interval: string, queue: string) {
      const admin = await connect(stack.adminUrl)
      await admin.query('set session_replication_role = replica')
      for (
        const change of [
          'update supaqueue.heartbeat set awake_until = awake_until - $2::interval, woken_at = woken_at - $2::interval',
          'update supaqueue.current_job set lease_until = lease_until - $2::interval',
          'update supaqueue.job set run_at = run_at - $2::interval',
        ]
      ) {
        await admin.query(`${change} where queue = $1`, [queue, interval])
      }
      await admin.end()
    },

    sweep: () => scene.harness.sweep(),

    /** Ends with all queues what was still to be done for them. */
    clear: () => scene.db.query('delete from supaqueue.queue'),

    /** Whether a function has printed something. */
    said: (pattern: RegExp) => lines.some((line) => pattern.test(line)),
    lines,

    async close() {
      await Promise.allSettled(clients.map((client) => client.end()))
      await stack.stop()
      await witness.close()
    },
  }
  return scene
}
