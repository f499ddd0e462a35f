import { randomUUID } from 'node:crypto'
import { databaseWith } from '../database.ts'

export type Doc = {
  subject: string
  payload: unknown
  version: number
  priority: number
  attempts: number
  iterations: number
  created_at: Date
  last_iteration: Date | null
  next_iteration: Date
  lock_upgrade: null
}

/** The verbs of fetchq over a database of the file's own. */
export function fetchqDatabase() {
  const own = databaseWith('fetchq')

  /** Calls a function of fetchq by place, and gives its rows. */
  async function call<Row = Record<string, unknown>>(name: string, ...values: unknown[]): Promise<Row[]> {
    const { rows } = await own.harness.db.query(
      `select * from fetchq.${name}(${values.map((value, i) => `$${i + 1}${typeOf(value)}`).join(', ')})`,
      values.map((value) => value instanceof Json ? JSON.stringify(value.value) : value),
    )
    return rows
  }
  const one = async (name: string, ...values: unknown[]) => (await call(name, ...values))[0]

  return {
    own,
    call,
    one,

    /** A queue of its own for the test; rejected documents are tried again at once. */
    async queue(maxAttempts?: number): Promise<string> {
      const name = `q_${randomUUID().slice(0, 8)}`
      await call('queue_create', name)
      await own.harness.db.query('update supaqueue.queue set retry_base_ms = 0 where name = $1', [name])
      if (maxAttempts) await call('queue_set_max_attempts', name, maxAttempts)
      return name
    },

    /** Pushes with the interval from now on, as fetchq's own example does. */
    async push(queue: string, subject: string, { version = 0, priority = 0, due = '0 seconds', payload = {} } = {}) {
      const { rows: [row] } = await own.harness.db.query(
        `select queued_docs from fetchq.doc_push($1, $2, $3, $4, now() + $5::interval, $6)`,
        [queue, subject, version, priority, due, JSON.stringify(payload)],
      )
      return row.queued_docs as number
    },

    pick: (queue: string, ...more: unknown[]) => call<Doc>('doc_pick', queue, ...more),

    /** The job behind a document. */
    async job(queue: string, subject: string) {
      const { rows: [row] } = await own.harness.db.query(
        `select job.* from supaqueue.job join supaqueue.queue on queue.id = job.queue where name = $1 and dedupe_key = $2`,
        [queue, subject],
      )
      return row
    },

    /** Makes the time to answer run out for every active document of the queue. */
    async expire(queue: string): Promise<void> {
      await own.harness.db.query(
        `update supaqueue.current_job set lease_until = clock_timestamp() - interval '1 second'
         from supaqueue.queue where queue.id = current_job.queue and name = $1`,
        [queue],
      )
    },
  }
}

class Json {
  readonly value: unknown
  constructor(value: unknown) {
    this.value = value
  }
}

/** A document, as jsonb. */
export const doc = (value: unknown) => new Json(value)

const typeOf = (value: unknown) =>
  value instanceof Json
    ? '::jsonb'
    : value instanceof Date
    ? '::timestamptz'
    : typeof value === 'number'
    ? '::integer'
    : typeof value === 'boolean'
    ? '::boolean'
    : ''
