import { randomUUID } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { SupaqueueError } from '../../../supabase/functions/_shared/supaqueue/errors.ts'
import type { Database } from './database.ts'
import { DISPATCHER } from './edge.ts'

/** How a test job fared: how long it took, or where it stopped. */
export type RoundTrip =
  | { kind: 'back'; ms: number }
  /** Nobody has taken it from its worker. */
  | { kind: 'not begun'; status: string; error: string | null }
  /** A run has it, and its call or its report is lost. */
  | { kind: 'not reported'; error: string | null }
  /** It came back with something else than the answer that was expected. */
  | { kind: 'strange'; error: string }

/**
 * Sends a test job all the way: enqueued, woken, called, reported. The function it calls is the dispatcher itself,
 * which every installation has; the dispatcher refuses a call that is not signed, and this very refusal, brought back as the
 * job's error, is the proof. Leaves nothing behind.
 */
export async function roundTrip(db: Database, deadlineMs: number): Promise<RoundTrip> {
  const name = `supaqueue_round_trip_${randomUUID()}`
  const [queue] = await db.change<{ id: string }>(
    'insert into supaqueue.queue (name, edge_function_name, max_attempts, timeout_ms) values ($1, $2, 1, 10000) returning id',
    [name, DISPATCHER],
  )
  if (!queue) throw new SupaqueueError('SQ500', 'the test queue was not made', 'Run the same command again.')
  try {
    await db.change('insert into supaqueue.worker (queue) values ($1)', [queue.id])
    const begin = Date.now()
    await db.change('insert into supaqueue.job (queue) values ($1)', [queue.id])
    return await follow(db, queue.id, begin, deadlineMs)
  } finally {
    await db.change('delete from supaqueue.queue where id = $1', [queue.id])
  }
}

type Row = { status: string; error: string | null; attempts: number; begun: boolean }

async function follow(db: Database, queue: string, begin: number, deadlineMs: number): Promise<RoundTrip> {
  let row: Row | undefined
  while (Date.now() - begin < deadlineMs) {
    ;[row] = await db.query<Row>(
      `select job.status::text as status, job.error, job.attempts, current_job.begun_at is not null as begun
       from supaqueue.job left join supaqueue.current_job on current_job.job = job.id
       where job.queue = $1`,
      [queue],
    )
    if (row?.status === 'success') return { kind: 'back', ms: Date.now() - begin }
    if (row?.status === 'failed') {
      return row.error?.includes('SQ401')
        ? { kind: 'back', ms: Date.now() - begin }
        : { kind: 'strange', error: row.error ?? 'failed without a reason' }
    }
    await pause(50)
  }
  if (row?.begun) return { kind: 'not reported', error: row.error }
  return { kind: 'not begun', status: row?.status ?? 'gone', error: row?.error ?? null }
}
