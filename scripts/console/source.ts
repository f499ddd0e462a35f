import pg from 'pg'
import { openPool } from '../cli/connection/client.ts'

/** The database, as the console sees it: with the rights of service_role, and no more. */
export type Source = {
  /** Looks. A statement that would change something is refused by the server. */
  read<Row>(sql: string, values?: unknown[]): Promise<Row[]>
  /** Changes something, in a transaction of its own. */
  act<Row>(sql: string, values?: unknown[]): Promise<Row[]>
  end(): Promise<void>
}

// Two are enough for all viewers, since they share what is read.
const CONNECTIONS = 2

// Lists are read in the order of an index, and no more of them than is shown. Left to what it believes of the table, the
// server sometimes reads all of it and sorts.
const SETTINGS = `
  set enable_seqscan = off;
  set enable_bitmapscan = off;
  set enable_sort = off;
  set enable_hashjoin = off;
  set enable_mergejoin = off;
  set role service_role;
  set search_path = pg_catalog, pg_temp;
  set default_transaction_read_only = on;
  set statement_timeout = '10s';
  set jit = off;
  set timezone = 'UTC'`

/**
 * Opens it; connections are made when they are first needed. `url` is that of a role that may become service_role;
 * `person` is who sits before the console: the audit says so of what is done.
 */
export function openSource(url: string, person = ''): Source {
  const pool = openPool({
    connectionString: url,
    max: CONNECTIONS,
    application_name: 'supaqueue console',
    types: { getTypeParser: parserOf },
  })
  const ready = new WeakSet<pg.PoolClient>()

  async function withClient<T>(work: (client: pg.PoolClient) => Promise<T>): Promise<T> {
    const client = await pool.connect()
    let lost = false
    try {
      if (!ready.has(client)) await client.query(SETTINGS)
      ready.add(client)
      return await work(client)
    } catch (reason) {
      // The connection itself may be what broke; this also ends a transaction that was begun.
      lost = await client.query('rollback').then(() => false, () => true)
      throw reason
    } finally {
      client.release(lost)
    }
  }

  return {
    read: <Row>(sql: string, values: unknown[] = []) =>
      withClient(async (client) => (await client.query(sql, values)).rows as Row[]),
    act: <Row>(sql: string, values: unknown[] = []) =>
      withClient(async (client) => {
        await client.query('begin read write')
        if (person) await client.query(`select set_config('supaqueue.person', $1, true)`, [person])
        const { rows } = await client.query(sql, values)
        await client.query('commit')
        return rows as Row[]
      }),
    end: () => pool.end(),
  }
}

const INT8 = 20
const NUMERIC = 1700

// Ids, counts and shares as numbers: none comes near to what JavaScript cannot hold.
const parserOf =
  ((oid: number, format?: 'text' | 'binary') =>
    oid === INT8 || oid === NUMERIC
      ? Number
      : pg.types.getTypeParser(oid, format as 'text')) as typeof pg.types.getTypeParser
