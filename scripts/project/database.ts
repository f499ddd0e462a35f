import pg from 'pg'
import { HintedError } from '../hinted_error.ts'

/** One connection to the project's database, opened when it is first needed. */
export type Database = {
  url: string
  /** Looks, and changes nothing. */
  query<Row = Record<string, unknown>>(sql: string, values?: unknown[]): Promise<Row[]>
  /** Changes something. A dry run shows the statement instead, with `hidden` values left out. */
  change<Row = Record<string, unknown>>(sql: string, values?: unknown[], hidden?: unknown): Promise<Row[]>
  end(): Promise<void>
}

/** `url` is that of the role that is to own supaqueue: `postgres` on Supabase. */
export function openDatabase(url: string): Database {
  let connecting: Promise<pg.Client> | undefined
  const connected = () => connecting ??= connect(url)
  const query = async <Row>(sql: string, values: unknown[] = []) =>
    (await (await connected()).query(sql, values)).rows as Row[]

  return {
    url,
    query,
    change: query,
    async end() {
      await (await connecting?.catch(() => undefined))?.end()
      connecting = undefined
    },
  }
}

async function connect(url: string): Promise<pg.Client> {
  const client = new pg.Client({
    connectionString: url,
    application_name: 'supaqueue',
    connectionTimeoutMillis: 10_000,
    keepAlive: true,
  })
  // A connection that is lost says so by this event, too; the next query tells.
  client.on('error', () => {})
  try {
    await client.connect()
  } catch (reason) {
    throw explain(reason as Error & { code?: string }, url)
  }
  return client
}

function explain(reason: Error & { code?: string }, url: string): HintedError {
  const { hostname, port } = new URL(url)
  const where = `the database at ${hostname}:${port || 5432}`
  if (reason.code === '28P01' || reason.code === '28000' || /password/i.test(reason.message)) {
    return new HintedError(
      'SQ401',
      `${where} refused the password`,
      'It is the database password of the project, not that of your account. It can be set anew under Project Settings, Database.',
    )
  }
  return new HintedError(
    'SQ504',
    `${where} did not let us in: ${reason.message || reason.code}`,
    'Is the project running, and does the network restriction of the database allow this machine? --db-url names another address.',
  )
}
