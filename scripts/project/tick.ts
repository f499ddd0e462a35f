import { randomUUID } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import type { Database } from './database.ts'

/** What became of a tick: the answer of the dispatcher, or why there was none. */
export type TickOutcome =
  | { kind: 'not posted' }
  | { kind: 'unanswered' }
  | { kind: 'failed'; error: string }
  | { kind: 'answered'; status: number; body: { code?: string; message?: string; hint?: string } }

/**
 * Posts one tick, for a queue that does not exist, and waits for what pg_net has to tell about it: the way from Postgres
 * through pg_net to the dispatcher, its secret included, and nothing behind it.
 */
export async function tryTick(db: Database, deadlineMs = 15_000): Promise<TickOutcome> {
  const queue = randomUUID()
  // In one transaction: pg_net cannot take the request away before we have seen its id.
  const [posted] = await inTransaction(db, async () => {
    await db.change('select supaqueue_internal.tick($1)', [queue])
    return await db.query<{ id: string }>(
      `select id::text as id from net.http_request_queue where strpos(convert_from(body, 'utf8'), $1) > 0`,
      [queue],
    )
  })
  if (!posted) return { kind: 'not posted' }

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
  return { kind: 'unanswered' }
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
