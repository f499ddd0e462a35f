import { randomUUID } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import type { Database } from './database.ts'

/** What became of a wake-up: the answer of the dispatcher, or why there was none. */
export type WakeUpOutcome =
  | { kind: 'not posted' }
  /** It is still in pg_net's line, behind so many requests. `moved` is how many went meanwhile. */
  | { kind: 'waiting'; ahead: number; moved: number; seconds: number }
  /** It has left, and its answer is kept no longer: for `ttl`. */
  | { kind: 'forgotten'; ttl: string }
  | { kind: 'failed'; error: string }
  | { kind: 'answered'; status: number; body: { code?: string; message?: string; hint?: string } }

/**
 * Posts one wake-up, for a queue that does not exist, and waits for what pg_net has to tell about it: the way from Postgres
 * through pg_net to the dispatcher, its secret included, and nothing behind it.
 */
export async function tryWake(db: Database, deadlineMs = 15_000): Promise<WakeUpOutcome> {
  const queue = randomUUID()
  // In one transaction: pg_net cannot take the request away before we have seen its id.
  const [posted] = await inTransaction(db, async () => {
    await db.change('select supaqueue_internal.wake($1)', [queue])
    return await db.query<{ id: string }>(
      `select id::text as id from net.http_request_queue where strpos(convert_from(body, 'utf8'), $1) > 0`,
      [queue],
    )
  })
  if (!posted) return { kind: 'not posted' }

  const before = await aheadOf(db, posted.id)
  const deadline = Date.now() + deadlineMs
  while (Date.now() < deadline) {
    const [answer] = await db.query<{ status: number | null; body: string | null; error: string | null }>(
      'select status_code as status, content as body, error_msg as error from net._http_response where id = $1::bigint',
      [posted.id],
    )
    if (answer?.status) return { kind: 'answered', status: answer.status, body: parse(answer.body) }
    if (answer) return { kind: 'failed', error: answer.error ?? 'no answer' }
    await pause(100)
  }
  const after = await aheadOf(db, posted.id)
  if (after !== undefined) {
    return { kind: 'waiting', ahead: after, moved: (before ?? after) - after, seconds: deadlineMs / 1000 }
  }
  const [kept] = await db.query<{ ttl: string }>(
    `select coalesce(current_setting('pg_net.ttl', true), 'unknown') as ttl`,
  )
  return { kind: 'forgotten', ttl: kept?.ttl ?? 'unknown' }
}

/** How many requests go before one; undefined where it is in the line no more. */
async function aheadOf(db: Database, id: string): Promise<number | undefined> {
  const [line] = await db.query<{ ahead: number; there: boolean }>(
    `select count(*) filter (where id < $1::bigint)::integer as ahead, coalesce(bool_or(id = $1::bigint), false) as there
     from net.http_request_queue`,
    [id],
  )
  return line?.there ? line.ahead : undefined
}

async function inTransaction<T>(db: Database, work: () => Promise<T>): Promise<T> {
  await db.change('begin')
  try {
    return await work()
  } finally {
    await db.change('commit')
  }
}

function parse(text: string | null): Record<string, string> {
  try {
    return JSON.parse(text ?? '') ?? {}
  } catch {
    return {}
  }
}
