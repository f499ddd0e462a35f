import pg from 'pg'
import { Client } from '../../cli/connection/client.ts'

/** Runs SQL in one transaction unless it holds statements that refuse one, over a connection of its own. */
export async function run(url: string, sql: string): Promise<void> {
  const client = new Client({ connectionString: url })
  await client.connect()
  try {
    await client.query(sql)
  } finally {
    await client.end()
  }
}

/** Makes a database that belongs to `postgres`, as on Supabase; `template` must have no connections. */
export const createDatabase = (adminUrl: string, name: string, template = 'template1'): Promise<void> =>
  run(
    adminUrl,
    `create database ${pg.escapeIdentifier(name)} owner postgres template ${pg.escapeIdentifier(template)}`,
  )

/** Removes a database and ends its connections; content when there is none. */
export const dropDatabase = (adminUrl: string, name: string): Promise<void> =>
  run(adminUrl, `drop database if exists ${pg.escapeIdentifier(name)} with (force)`)
