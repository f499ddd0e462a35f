import { createRequire } from 'node:module'
import { type Connection } from '@supabase/lite'
import { PgliteConnection } from '@supabase/lite/pglite'
import { ownRequire } from '../../../place.ts'
import { makePool } from '../pool.ts'
import { parserOf } from './types.ts'

export type LiteConnection = Connection & { normalizeDbError(reason: unknown): unknown }

// The query builder that lite itself uses, found from where lite is; this file of lite is one that can be looked up.
const lite = ownRequire.resolve('@supabase/lite/dist/manifest.json')
const { Kysely, PostgresDialect } = createRequire(lite)('kysely')

/**
 * A connection for lite, over the driver that the rest of the stack uses. Lite's own one for a server writes JSON
 * objects as JSON strings, and ends the process when the server goes away.
 */
export function liteConnection(databaseUrl: string, connections: number): LiteConnection {
  const pool = makePool({
    connectionString: databaseUrl,
    max: connections,
    options: '-c TimeZone=UTC',
    types: { getTypeParser: parserOf },
  })

  // What lite's connections for Postgres have in common. It is not exported.
  const Base = Object.getPrototypeOf(PgliteConnection)
  return Object.assign(new Base({}), {
    driver: pool,
    kysely: new Kysely({ dialect: new PostgresDialect({ pool }) }),
    // Left to itself, lite switches roles only if some table has row level security, and then first grants everything
    // to everybody.
    ensureRlsContext: () => true,
    close: () => pool.end(),
  })
}
