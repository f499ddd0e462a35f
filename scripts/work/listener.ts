import type pg from 'pg'
import { Client } from '../cli/connection/client.ts'
import type { Target } from './targets.ts'

/** What a process asks about itself, and what it hears: functions/modules/processes/serve_process.sql. */
export type Reply = { home: boolean; wake: string[]; sweep: boolean }

export type Listener = {
  /** Asks over the connection that listens, so that who answers lives, and hears. */
  ask(request: object): Promise<Reply>
  close(): Promise<void>
}

// A connection that does not answer for so long is none: the lease is as long.
const SILENT_MS = 5000

/**
 * Listens to a database. `onWord` hears what commits say, `onLost` that the connection broke, once.
 * Rejects where it cannot be had.
 */
export async function openListener(
  { url }: Target,
  { onWord, onLost }: { onWord: (word: string) => void; onLost: (reason: Error) => void },
): Promise<Listener> {
  const client = new Client({
    connectionString: url,
    application_name: 'supaqueue work',
    keepAlive: true,
    query_timeout: SILENT_MS,
  })
  let lost = false
  const lose = (reason: Error) => {
    if (lost) return
    lost = true
    void end(client)
    onLost(reason)
  }
  client.on('error', lose)
  client.on('end', () => lose(new Error('the connection was closed')))
  client.on('notification', ({ payload = '' }) => onWord(payload))
  try {
    await client.connect()
    // Names that we do not qualify are PostgreSQL's own, whatever others have put on the path.
    await client.query('set search_path = pg_catalog, pg_temp')
    await client.query("set default_transaction_isolation = 'read committed'; set default_transaction_read_only = off")
    await client.query('listen supaqueue')
  } catch (reason) {
    lost = true
    void end(client)
    throw reason
  }
  // One question at a time: what has been asked is answered before the next one sets out.
  let line: Promise<unknown> = Promise.resolve()

  return {
    ask(request) {
      const answer = line.then(() => ask(request))
      line = answer.catch(() => {})
      return answer
    },
    async close() {
      lost = true
      await end(client)
    },
  }

  async function ask(request: object): Promise<Reply> {
    try {
      const { rows: [row] } = await client.query('select supaqueue_internal.direct_turn($1) as answer', [
        JSON.stringify(request),
      ])
      return row.answer
    } catch (reason) {
      // What the server says and keeps the connection for is no break.
      if (Object(reason).severity !== 'ERROR') lose(reason as Error)
      throw reason
    }
  }
}

/** Ends a connection, whatever state it is in. */
async function end(client: pg.Client): Promise<void> {
  await client.end().catch(() => {})
}
