import { join } from 'node:path'
import pg from 'pg'
import { type Stack, type StackOptions, startStack } from '../scripts/dev/stack.ts'

/** A stack with the functions of this folder, and connections of the role that owns supaqueue. */
export type BenchStack = Stack & {
  db: pg.Pool
  /** Writes rows of supaqueue.setting; undefined takes one away. The dispatcher reads them with its next run. */
  set(settings: Record<string, string | undefined>): Promise<void>
}

/** Starts a stack, with the thin endpoint unless asked otherwise, hands it to the work, and stops it whatever happens. */
export async function withStack<Result>(
  options: StackOptions,
  work: (stack: BenchStack) => Promise<Result>,
): Promise<Result> {
  const stack = await startStack({ rest: 'thin', functions: [join(import.meta.dirname, 'functions')], ...options })
  const db = new pg.Pool({ connectionString: stack.databaseUrl, max: 8 })
  db.on('error', () => {})
  try {
    await Promise.all(['noop', 'noops', 'wait20', 'entered'].map((name) => stack.edge.warm(name)))
    return await work({ ...stack, db, set: (settings) => writeSettings(db, settings) })
  } finally {
    await db.end()
    await stack.stop()
  }
}

async function writeSettings(db: pg.Pool, settings: Record<string, string | undefined>): Promise<void> {
  for (const [name, value] of Object.entries(settings)) {
    if (value === undefined) await db.query('delete from supaqueue.setting where name = $1', [name])
    else {
      await db.query(
        `insert into supaqueue.setting (name, value) values ($1, $2)
         on conflict (name) do update set value = excluded.value`,
        [name, value],
      )
    }
  }
}

let made = 0

/** Makes a queue with its workers, and returns its id. */
export async function makeQueue(db: pg.Pool, fn: string, workers: number): Promise<string> {
  const { rows: [queue] } = await db.query(
    'insert into supaqueue.queue (name, edge_function_name) values ($1, $2) returning id',
    [`${fn} ${++made}`, fn],
  )
  await db.query('insert into supaqueue.worker (queue) select $1 from generate_series(1, $2)', [queue.id, workers])
  return queue.id
}

/** Whether no run is awake or expected for the queue. */
export async function isAsleep(db: pg.Pool, queue: string): Promise<boolean> {
  const { rows: [heartbeat] } = await db.query(
    'select awake_until is null or awake_until < clock_timestamp() as asleep from supaqueue.heartbeat where queue = $1',
    [queue],
  )
  return heartbeat.asleep
}
