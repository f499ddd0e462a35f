import { randomUUID } from 'node:crypto'
import type pg from 'pg'
import { SupaqueueError } from '../../supabase/functions/_shared/supaqueue/errors.ts'
import { Client } from '../cli/connection/client.ts'
import { isOfStatement, SETTINGS, unknownForm } from './dispatcher.ts'
import type { ServedDatabase } from './databases.ts'

/** What a process asks about itself, and what it hears: functions/modules/processes/serve_process.sql. */
export type Reply = { home: boolean; wake: string[]; sweep: boolean }

export type Listener = {
  /** Asks over the connection that listens, so that who answers lives, and hears. */
  ask(request: object): Promise<Reply>
  close(): Promise<void>
}

// A connection that does not answer for so long is none: the lease is as long.
const SILENT_MS = 5000

// How long what was said is waited for before the connection is asked whether it came.
const HEARD_WITHIN_MS = 1000

/**
 * Listens to a database. `onWord` hears what commits say, `onLost` that the connection broke, once. `notify` says a word over
 * another connection: whether it is heard tells a connection of our own from one that is ours for one transaction.
 * Rejects where it cannot be had.
 */
export async function openListener(
  { url, name }: ServedDatabase,
  { onWord, onLost, notify }: {
    onWord: (word: string) => void
    onLost: (reason: Error) => void
    notify: (word: string) => Promise<void>
  },
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
  // No queue and no process has such a name: others pass it over.
  const ownWord = `hears ${randomUUID()}`
  let hear: (() => void) | undefined
  const heard = new Promise<true>((resolve) => hear = () => resolve(true))
  client.on('notification', ({ payload = '' }) => payload === ownWord ? hear!() : onWord(payload))
  try {
    await client.connect()
    // Names that we do not qualify are PostgreSQL's own, whatever others have put on the path.
    await client.query('set search_path = pg_catalog, pg_temp')
    await client.query(SETTINGS)
    await client.query('listen supaqueue')
    if (await isSaid(notify(ownWord)) && !await hears()) throw deaf(name)
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

  /** The server sends what was said before it answers what it is asked later: no machine is too slow to be heard. */
  async function hears(): Promise<boolean> {
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<false>((resolve) => timer = setTimeout(() => resolve(false), HEARD_WITHIN_MS))
    if (await Promise.race([heard, late]).finally(() => clearTimeout(timer))) return true
    await client.query('select 1')
    return await Promise.race([heard, Promise.resolve(false)])
  }

  async function ask(request: object): Promise<Reply> {
    try {
      const { rows: [row] } = await client.query('select supaqueue_internal.direct_turn($1) as answer', [
        JSON.stringify(request),
      ])
      if (!isReply(row?.answer)) throw unknownForm('a process', 'home, wake or sweep is missing')
      return row.answer
    } catch (reason) {
      // What the server says and keeps the connection for is no break.
      if (!isOfStatement(reason) && !(reason instanceof SupaqueueError)) lose(reason as Error)
      throw reason
    }
  }
}

function isReply(answer: unknown): answer is Reply {
  const { home, wake, sweep } = Object(answer) as Partial<Reply>
  return typeof home === 'boolean' && typeof sweep === 'boolean' && Array.isArray(wake) &&
    wake.every((queue) => typeof queue === 'string')
}

/** A server that takes no more notifications says so: who listens to it is told nothing for now. */
const isSaid = (saying: Promise<void>): Promise<boolean> =>
  saying.then(() => true, (reason) => {
    if (isOfStatement(reason)) return false
    throw reason
  })

const deaf = (name: string) =>
  new SupaqueueError(
    'SQ422',
    `${name} accepts LISTEN and tells of nothing, as a pooler does that gives a connection for one transaction`,
    'Take the session pooler, or the database itself: port 5432 on Supabase, pool_mode = session of PgBouncer.',
  )

/** Ends a connection, whatever state it is in. */
async function end(client: pg.Client): Promise<void> {
  await client.end().catch(() => {})
}
