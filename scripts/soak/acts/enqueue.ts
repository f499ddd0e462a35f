import { setTimeout as pause } from 'node:timers/promises'
import { type Hand, keyOf, type LoadQueue } from '../load_queues.ts'
import { type Isolation, transaction } from '../transaction.ts'

// What users do who only enqueue.

/** One insert, not in a transaction of the client's own. */
export async function plain(hand: Hand): Promise<void> {
  const { db, book, random, order } = hand
  const { id: queue, plan } = pickQueue(hand)
  const payload = plan.order?.(random) ?? order()
  const key = keyOf(plan, random)
  const askedAt = Date.now()
  const sql = 'insert into supaqueue.job (queue, payload, concurrency_key) values ($1, $2, $3) returning id'
  const { rows: [row] } = await db.query(sql, [queue, JSON.stringify(payload), key])
  book.committed([{ id: Number(row.id), queue, order: payload, key: plan.ordered && key, askedAt }])
}

/** One insert in a transaction. */
export const single = (hand: Hand) => enqueueOne(hand, 1)

/** Many rows in one statement. */
export const bulk = (hand: Hand) => enqueueOne(hand, hand.random.between(2, 40))

/** An insert that is taken back. */
export const rolledBack = (hand: Hand) =>
  transaction(hand, isolationOf(hand), async ({ insert }) => {
    await insert(pickQueue(hand), hand.random.between(1, 5))
    return 'rollback'
  })

/** Some of it in savepoints, one within another, kept or not. */
export const savepoints = (hand: Hand) =>
  transaction(hand, isolationOf(hand), async ({ insert, savepoint }) => {
    const fate = () => hand.random.pick(['release', 'rollback'] as const)
    const queue = pickQueue(hand)
    await insert(queue)
    await savepoint(fate(), async () => {
      await insert(queue)
      await savepoint(fate(), () => insert(pickQueue(hand)))
    })
    await savepoint(fate(), () => insert(queue))
  })

/** A transaction that stays open for a second, with inserts at both ends. */
export const long = (hand: Hand) =>
  transaction(hand, isolationOf(hand), async ({ insert }) => {
    await insert(pickQueue(hand))
    await pause(hand.random.between(700, 1200))
    await insert(pickQueue(hand))
  })

/** One that has its triggers fire before its end, and goes on. */
export const immediate = (hand: Hand) =>
  transaction(hand, isolationOf(hand), async ({ insert }) => {
    const queue = pickQueue(hand)
    await insert(queue)
    await hand.db.query('set constraints all immediate')
    await insert(queue, 3)
    await pause(hand.random.below(100))
    await insert(pickQueue(hand))
    return hand.random.chance(0.2) ? 'rollback' : undefined
  })

/** Several queues, in an order that is the opposite of somebody else's. */
export const crossing = (hand: Hand) =>
  transaction(hand, isolationOf(hand), async ({ insert }) => {
    for (const queue of hand.random.shuffle(hand.queues.ofKind('fixed', 'resized'))) {
      await insert(queue)
      await pause(hand.random.below(3))
    }
  })

/** Jobs for a second ahead. */
export const planned = (hand: Hand) =>
  transaction(hand, isolationOf(hand), ({ insert }) => insert(pickQueue(hand), 2, { dueInMs: 1000 }))

/** Jobs for a queue that may be gone by then. */
export const intoRecreated = (hand: Hand) =>
  transaction(hand, 'read committed', ({ insert }) => {
    const candidates = hand.queues.ofKind('recreated')
    return candidates.length === 0 ? Promise.resolve() : insert(hand.random.pick(candidates), hand.random.between(1, 5))
  })

const enqueueOne = (hand: Hand, count: number) =>
  transaction(hand, isolationOf(hand), ({ insert }) => insert(pickQueue(hand), count))

const isolationOf = ({ random }: Hand): Isolation =>
  random.weighted<Isolation>({ 'read committed': 3, 'repeatable read': 1, serializable: 1 })

/** A queue that lasts. The more workers it has, the more it gets to do. */
function pickQueue({ queues, random }: Hand): LoadQueue {
  const candidates = queues.ofKind('fixed', 'resized')
  const weights = Object.fromEntries(candidates.map((queue, place) => [place, Math.sqrt(queue.plan.workers)]))
  return candidates[Number(random.weighted(weights))]!
}
