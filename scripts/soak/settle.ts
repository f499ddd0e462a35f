import { setTimeout as pause } from 'node:timers/promises'
import type pg from 'pg'
import type { Book, Order } from './book.ts'

export type SettleOptions = {
  /** Whether the sweep is called, once a second, or everything has to come to its end without. */
  sweep: boolean
  deadlineMs: number
}

/**
 * Waits until no job is left to do, and the book knows of every job whether it was committed. Returns whether that
 * came about before the deadline. The clients must have stopped.
 */
export async function settle(db: pg.Client, book: Book, { sweep, deadlineMs }: SettleOptions): Promise<boolean> {
  // A client that lost its connection may have left one so.
  await db.query('update supaqueue.queue set paused = false where paused')
  await lookUp(db, book)

  const deadline = Date.now() + deadlineMs
  let sweptAt = 0
  while (await isBusy(db)) {
    if (Date.now() > deadline) return false
    if (sweep && Date.now() - sweptAt > 1000) {
      sweptAt = Date.now()
      await db.query('select supaqueue.sweep()')
    }
    await pause(100)
  }
  return true
}

async function lookUp(db: pg.Client, book: Book): Promise<void> {
  const ids = book.doubtful().map(({ id }) => id)
  const { rows } = await db.query<{ id: string; queue: string; payload: Order }>(
    'select id, queue, payload from supaqueue.job where id = any ($1::bigint[])',
    [ids],
  )
  const found = new Map(rows.map((row) => [Number(row.id), row]))
  const living = new Set((await db.query<{ id: string }>('select id from supaqueue.queue')).rows.map(({ id }) => id))
  // Of a queue that is gone, nobody can tell any more; it counts as committed, which demands nothing of it.
  book.settle(({ id, queue, order }) => {
    const row = found.get(id)
    return !living.has(queue) || row?.queue === queue && row.payload.do === order.do && row.payload.ms === order.ms
  })
}

async function isBusy(db: pg.Client): Promise<boolean> {
  const { rows: [found] } = await db.query<{ busy: boolean }>(
    `select exists (select from supaqueue.job where status in ('pending', 'in_progress'))
       or exists (select from supaqueue.current_job) as busy`,
  )
  return found!.busy
}
