import pg from 'pg'
import { startPostgres } from '../../../../scripts/dev/postgres.ts'
import { installStandIns } from '../../../../scripts/dev/standins/standins.ts'

export const versions = [17, 15] as const

/** A PostgreSQL with the stand-ins, and clients that are ended with it. */
export async function standing(version: 15 | 17) {
  const postgres = await startPostgres({ version })
  const installed = await installStandIns(postgres.adminUrl)
  const clients: pg.Client[] = []

  return {
    postgres,
    installed,
    async connect(url: string) {
      const client = new pg.Client({ connectionString: url })
      // The server is crashed on purpose; a query that meets it fails by itself.
      client.on('error', () => {})
      await client.connect()
      clients.push(client)
      return client
    },
    async close() {
      await Promise.allSettled(clients.map((client) => client.end()))
      await postgres.close()
    },
  }
}

/** The one value of a query with one row and one column. */
export async function value<T>(client: pg.Client, sql: string, values: unknown[] = []): Promise<T> {
  const { rows } = await client.query({ text: sql, values, rowMode: 'array' })
  return rows[0]?.[0] as T
}

/** Runs a query and returns the SQLSTATE and message it fails with. */
export async function refusal(client: pg.Client, sql: string, values: unknown[] = []) {
  try {
    await client.query(sql, values)
  } catch (reason) {
    const { code, message } = reason as pg.DatabaseError
    return { code, message }
  }
  throw new Error(`not refused: ${sql}`)
}
