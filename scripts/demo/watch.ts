import { setTimeout as pause } from 'node:timers/promises'
import type pg from 'pg'
import { SupaqueueError } from '../../supabase/functions/_shared/supaqueue/errors.ts'

/** How many jobs are where; the pending ones with those that wait for others. `done` and `failed` are final. */
export type Counts = { pending: number; running: number; done: number; failed: number }

const everyMs = 150
// Longer than a lost lease takes to be found and tried again.
const stalledAfterMs = 60_000

/** Counts the jobs again and again, until all have ended or the signal comes. */
export async function* watch(db: pg.Client, signal: AbortSignal): AsyncGenerator<Counts> {
  let last = ''
  let changedAt = performance.now()
  while (!signal.aborted) {
    const counts = await count(db)
    yield counts
    if (counts.pending + counts.running === 0) return

    const now = JSON.stringify(counts)
    if (now !== last) [last, changedAt] = [now, performance.now()]
    if (performance.now() - changedAt > stalledAfterMs) throw stalled(counts)
    await pause(everyMs, undefined, { signal }).catch(() => {})
  }
}

async function count(db: pg.Client): Promise<Counts> {
  const { rows: [counts] } = await db.query<Counts>(
    `select
       count(*) filter (where status in ('held', 'pending'))::int     as pending,
       count(*) filter (where status = 'in_progress')::int           as running,
       count(*) filter (where status = 'success')::int               as done,
       count(*) filter (where status in ('failed', 'cancelled'))::int as failed
     from supaqueue.job`,
  )
  return counts!
}

const stalled = ({ pending, running }: Counts) =>
  new SupaqueueError(
    'SQ500',
    `Nothing has moved for ${stalledAfterMs / 1000} s: ${pending} jobs are pending, ${running} running.`,
    'What the functions printed stands above. Please report it with your system and Node version.',
  )
