import type { Inserted } from './book.ts'
import { type Deps, keyOf, type LoadQueue } from './load_queues.ts'

export type Isolation = 'read committed' | 'repeatable read' | 'serializable'

export type Transaction = {
  insert(into: LoadQueue, count?: number, more?: { dueInMs?: number }): Promise<void>
  /** Does some of it in a savepoint, which is released or rolled back to. */
  savepoint(fate: 'release' | 'rollback', work: () => Promise<void>): Promise<void>
}

/** One transaction of a client; the book learns how it ended. Rolled back when the work says so, or fails. */
export async function transaction(
  { db, book, random, order }: Deps,
  isolation: Isolation,
  work: (transaction: Transaction) => Promise<'rollback' | void>,
): Promise<void> {
  const jobs: Inserted[] = []
  const askedAt = Date.now()
  let asked = false
  let savepoints = 0

  const run = async () => {
    await db.query(`begin isolation level ${isolation}`)
    if (await work({ insert, savepoint }) === 'rollback') {
      await db.query('rollback')
      return book.undone(jobs)
    }
    asked = true
    await db.query('commit')
    book.committed(jobs)
  }
  return await run().catch(async (reason) => {
    if (asked) book.unsure(jobs)
    else book.undone(jobs)
    await db.query('rollback').catch(() => {})
    // The queue was deleted meanwhile: what a user then gets is the error of a foreign key.
    if (reason.code !== '23503') throw reason
  })

  async function insert({ id: queue, plan }: LoadQueue, count = 1, { dueInMs = 0 } = {}) {
    const entries = Array.from(
      { length: count },
      () => ({ order: plan.order?.(random) ?? order(), key: keyOf(plan, random) }),
    )
    const { rows } = await db.query<{ id: string; payload: Inserted['order']; concurrency_key: string | null }>(
      `insert into supaqueue.job (queue, payload, concurrency_key, priority, run_at)
       select $1, entry -> 'order', entry ->> 'key', $3, now() + $4 * interval '1 millisecond'
       from jsonb_array_elements($2) as entry
       returning id, payload, concurrency_key`,
      [queue, JSON.stringify(entries), random.below(3), dueInMs],
    )
    for (const { id, payload, concurrency_key } of rows) {
      jobs.push({
        id: Number(id),
        queue,
        order: payload,
        key: plan.ordered && concurrency_key || undefined,
        askedAt,
        dueAt: askedAt + dueInMs,
      })
    }
  }

  async function savepoint(fate: 'release' | 'rollback', inside: () => Promise<void>) {
    const kept = jobs.length
    // One within another needs a name of its own, or the outer one could not be reached.
    const name = `savepoint_${savepoints++}`
    await db.query(`savepoint ${name}`)
    await inside()
    if (fate === 'rollback') book.undone(jobs.splice(kept))
    await db.query(fate === 'rollback' ? `rollback to ${name}` : `release ${name}`)
  }
}
