import type pg from 'pg'
import { isHere, readAddress } from '../connection/address.ts'
import { connect } from '../connection/client.ts'
import { exclusively } from '../database/exclusive.ts'
import { inTransaction } from '../database/in_transaction.ts'
import { lockTables } from '../database/locks.ts'
import { SupaqueueError } from '../../../supabase/functions/_shared/supaqueue/errors.ts'

/** One connection to the project's database, opened when it is first needed. */
export type Database = {
  url: string
  /** Looks, and changes nothing. */
  query<Row = Record<string, unknown>>(sql: string, values?: unknown[]): Promise<Row[]>
  /** Changes something. A dry run shows the statement instead, with `hidden` values left out. */
  change<Row = Record<string, unknown>>(sql: string, values?: unknown[], hidden?: unknown): Promise<Row[]>
  /**
   * All of `work`, or nothing: in one transaction, with these tables for ourselves, while no installer is at work. Tables in use are
   * tried for so shortly that nobody's transaction becomes the victim of a deadlock, and again and again for a minute.
   *
   * @throws SupaqueueError SQ423 when they stay locked
   */
  alone<T>(tables: () => Promise<string[]>, say: (line: string) => void, work: () => Promise<T>): Promise<T>
  end(): Promise<void>
}

const WITHIN_MS = 60_000

/** `url` is that of the role that is to own supaqueue: `postgres` on Supabase. */
export function openDatabase(url: string): Database {
  let connecting: Promise<pg.Client> | undefined
  const connected = () => connecting ??= open(url)
  const query = async <Row>(sql: string, values: unknown[] = []) =>
    (await (await connected()).query(sql, values)).rows as Row[]

  return {
    url,
    query,
    change: query,
    alone: (tables, say, work) =>
      exclusively(url, say, async () => {
        const client = await connected()
        for (const deadline = Date.now() + WITHIN_MS;;) {
          const done = await inTransaction(client, say, deadline, async (told) => {
            const wanted = await tables()
            told(wanted)
            await lockTables(client, wanted)
            return { value: await work() }
          })
          if (done) return done.value
        }
      }),
    async end() {
      await (await connecting?.catch(() => undefined))?.end()
      connecting = undefined
    },
  }
}

async function open(url: string): Promise<pg.Client> {
  try {
    return await connect(url)
  } catch (reason) {
    throw reason instanceof SupaqueueError ? reason : explain(reason as Error & { code?: string }, url)
  }
}

/** What a server says that is there, and does not let us in all the same. */
const REFUSALS: Record<string, (where: string, why: string) => SupaqueueError> = {
  '28000': (where, why) =>
    new SupaqueueError(
      'SQ401',
      `${where} does not let this role in: ${why}`,
      'Name a role that may log in, such as postgres, in the URL: postgresql://postgres@host:port/database.',
    ),
  '53300': (where, why) =>
    new SupaqueueError(
      'SQ503',
      `${where} has no connection left: ${why}`,
      'Run the same command again once somebody has ended theirs. Who has them: select * from pg_stat_activity.',
    ),
  '57P03': (where, why) =>
    new SupaqueueError(
      'SQ503',
      `${where} does not take connections yet: ${why}`,
      'It starts, stops or recovers. Run the same command again in a moment.',
    ),
}

/** Why a database does not let us in, for a person. */
export function explain(reason: Error & { code?: string }, url: string): SupaqueueError {
  const { host, port } = readAddress(url)
  const where = `the database at ${host}:${port}`
  const refusal = REFUSALS[reason.code ?? '']
  if (refusal) return refusal(where, reason.message)
  if (reason.code === '28P01' || /password/i.test(reason.message)) {
    return new SupaqueueError(
      'SQ401',
      `${where} refused the password`,
      isHere(host)
        ? 'Under supabase start the password is postgres. supaqueue dev prints its own; --local finds it, in the folder that dev was started in.'
        : 'It is the database password of the project, not that of your account. It can be reset under Project Settings, Database.',
    )
  }
  return new SupaqueueError(
    'SQ504',
    `${where} could not be connected to: ${reason.message || reason.code}`,
    isHere(host)
      ? 'Is the project running? Start it: npx supaqueue dev, or npx supabase start. --db-url names another address.'
      : 'Is the project running, and does the network restriction of the database allow this machine? --db-url names another address.',
  )
}
