import { setTimeout as pause } from 'node:timers/promises'
import { type Deps, keyOf, type LoadQueue } from '../load_queues.ts'
import { type Isolation, transaction } from '../transaction.ts'

// What users do who only enqueue.

/** One insert, not in a transaction of the client's own. */
export async function plain(deps: Deps): Promise<void> {
  const { db, book, random, order } = deps
  const { id: queue, plan } = pickQueue(deps)
  const payload = plan.order?.(random) ?? order()
  const key = keyOf(plan, random)
  const askedAt = Date.now()
  const sql = 'insert into supaqueue.job (queue, payload, concurrency_key) values ($1, $2, $3) returning id'
  const { rows: [row] } = await db.query(sql, [queue, JSON.stringify(payload), key])
  book.committed([{ id: Number(row.id), queue, order: payload, key: plan.ordered && key, askedAt }])
}

/** One insert in a transaction. */
export const single = (deps: Deps) => enqueueOne(deps, 1)

/** Many rows in one statement. */
export const bulk = (deps: Deps) => enqueueOne(deps, deps.random.between(2, 40))

/** An insert that is taken back. */
export const rolledBack = (deps: Deps) =>
  transaction(deps, isolationOf(deps), async ({ insert }) => {
    await insert(pickQueue(deps), deps.random.between(1, 5))
    return 'rollback'
  })

/** Some of it in savepoints, one within another, kept or not. */
export const savepoints = (deps: Deps) =>
  transaction(deps, isolationOf(deps), async ({ insert, savepoint }) => {
    const fate = () => deps.random.pick(['release', 'rollback'] as const)
    const queue = pickQueue(deps)
    await insert(queue)
    await savepoint(fate(), async () => {
      await insert(queue)
      await savepoint(fate(), () => insert(pickQueue(deps)))
    })
    await savepoint(fate(), () => insert(queue))
  })

/** A transaction that stays open for a second, with inserts at both ends. */
export const long = (deps: Deps) =>
  transaction(deps, isolationOf(deps), async ({ insert }) => {
    await insert(pickQueue(deps))
    await pause(deps.random.between(700, 1200))
    await insert(pickQueue(deps))
  })

/** One that has its triggers fire before its end, and goes on. */
export const immediate = (deps: Deps) =>
  transaction(deps, isolationOf(deps), async ({ insert }) => {
    const queue = pickQueue(deps)
    await insert(queue)
    await deps.db.query('set constraints all immediate')
    await insert(queue, 3)
    await pause(deps.random.below(100))
    await insert(pickQueue(deps))
    return deps.random.chance(0.2) ? 'rollback' : undefined
  })

/** Several queues, in an order that is the opposite of somebody else's. */
export const crossing = (deps: Deps) =>
  transaction(deps, isolationOf(deps), async ({ insert }) => {
    for (const queue of deps.random.shuffle(deps.queues.ofKind('fixed', 'resized'))) {
      await insert(queue)
      await pause(deps.random.below(3))
    }
  })

/** Jobs for a second ahead. */
export const planned = (deps: Deps) =>
  transaction(deps, isolationOf(deps), ({ insert }) => insert(pickQueue(deps), 2, { dueInMs: 1000 }))

/** Jobs for a queue that may be gone by then. */
export const intoRecreated = (deps: Deps) =>
  transaction(deps, 'read committed', ({ insert }) => {
    const candidates = deps.queues.ofKind('recreated')
    return candidates.length === 0 ? Promise.resolve() : insert(deps.random.pick(candidates), deps.random.between(1, 5))
  })

const enqueueOne = (deps: Deps, count: number) =>
  transaction(deps, isolationOf(deps), ({ insert }) => insert(pickQueue(deps), count))

const isolationOf = ({ random }: Deps): Isolation =>
  random.weighted<Isolation>({ 'read committed': 3, 'repeatable read': 1, serializable: 1 })

/** A queue that lasts. The more workers it has, the more it gets to do. */
function pickQueue({ queues, random }: Deps): LoadQueue {
  const candidates = queues.ofKind('fixed', 'resized')
  const weights = Object.fromEntries(candidates.map((queue, place) => [place, Math.sqrt(queue.plan.workers)]))
  return candidates[Number(random.weighted(weights))]!
}
