import type { Connection } from './database_url.ts'
import type { Client } from './direct.ts'

/** Connects by node-postgres, which is loaded by whoever has a connection to open, and by nobody else. */
export async function connect(to: Connection, onLost: (reason: Error) => void): Promise<Client> {
  const { default: pg } = await import('pg')
  const client = new pg.Client(to)
  client.on('error', onLost)
  await client.connect()
  return client
}
