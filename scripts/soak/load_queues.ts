import type pg from 'pg'
import type { Book, Order } from './book.ts'
import type { Random } from './random.ts'
import type { Visits } from './visits.ts'

/** A queue of the load. Its id changes when it is deleted and made again. */
export type LoadQueue = { id: string; workers: number; plan: QueuePlan }

/**
 * What becomes of a queue: `fixed` ones keep their workers, `resized` ones get some and lose some, `recreated` ones
 * are deleted and made again.
 */
export type QueuePlan = { kind: 'fixed' | 'resized' | 'recreated'; name: string; workers: number } & QueueSettings

type QueueSettings = {
  timeout_ms?: number
  max_attempts?: number
  retry_base_ms?: number
  retry_max_ms?: number
  batch_size?: number
  batch_by?: 'key'
  ordered?: 'key' | 'queue'
  after_failure?: 'block' | 'continue'
  /** How many keys its jobs have. */
  keys?: number
  /** What its jobs are to do, when not what the load orders. */
  order?: (random: Random) => Order
}

/** The queues of the load, and those of some kinds. */
export type LoadQueues = { all: LoadQueue[]; ofKind(...kinds: QueuePlan['kind'][]): LoadQueue[] }

export const queuesOfLoad = (all: LoadQueue[]): LoadQueues => ({
  all,
  ofKind: (...kinds) => all.filter((queue) => kinds.includes(queue.plan.kind)),
})

/** Makes the queues, with the function `recorded` as theirs. */
export async function makeQueues(db: pg.Client, visits: Visits, plans: QueuePlan[]): Promise<LoadQueues> {
  const made: LoadQueue[] = []
  for (const plan of plans) made.push({ id: await makeQueue(db, visits, plan), workers: plan.workers, plan })
  return queuesOfLoad(made)
}

/** Makes a queue and its workers in one statement; returns its id. */
export async function makeQueue(db: pg.Client, visits: Visits, plan: QueuePlan): Promise<string> {
  const id = crypto.randomUUID()
  // Before it exists: nobody can be called for it earlier.
  visits.addWorkers(id, plan.workers)
  await db.query(
    `with made as (
      insert into supaqueue.queue (
        id, name, edge_function_name, timeout_ms, max_attempts, retry_base_ms, retry_max_ms, batch_size, batch_by, ordered, after_failure
      )
      values ($1, $2, 'recorded', $4, $5, $6, $7, $8, $9, $10, $11)
      returning id
    )
    insert into supaqueue.worker (queue) select made.id from made, generate_series(1, $3)`,
    [
      id,
      plan.name,
      plan.workers,
      plan.timeout_ms ?? 60_000,
      plan.max_attempts ?? 3,
      plan.retry_base_ms ?? 50,
      plan.retry_max_ms ?? 500,
      plan.batch_size ?? 1,
      plan.batch_by,
      plan.ordered,
      plan.after_failure ?? 'block',
    ],
  )
  return id
}

/** What the acts of one client share. */
export type Deps = {
  db: pg.Client
  random: Random
  queues: LoadQueues
  book: Book
  visits: Visits
  /** What the next job is to do. */
  order: () => Order
  /** See `Recorder.mark`. */
  mark: (change: () => void) => Promise<void>
}

/** The key of a queue's next job. One that is ordered as a whole has one key for all. */
export const keyOf = ({ keys, ordered }: QueuePlan, random: Random): string | undefined =>
  keys ? `key ${random.below(keys)}` : ordered === 'queue' ? 'all' : undefined
