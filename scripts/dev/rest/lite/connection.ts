import { AsyncLocalStorage } from 'node:async_hooks'
import { createRequire } from 'node:module'
import { type Connection } from '@supabase/lite'
import { PgliteConnection } from '@supabase/lite/pglite'
import { ownRequire } from '../../../cli/place.ts'
import { makePool } from '../pool.ts'
import { parserOf } from './types.ts'

export type LiteConnection = Connection & {
  normalizeDbError(reason: unknown): unknown
  /** Does work for a request, which the database is told of in the settings that PostgREST makes. */
  during<T>(request: Request, work: () => Promise<T>): Promise<T>
}

// The query builder that lite itself uses, found from where lite is; this file of lite is one that can be looked up.
const lite = ownRequire.resolve('@supabase/lite/dist/manifest.json')
const { Kysely, PostgresDialect, sql } = createRequire(lite)('kysely')

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
  const base = new Base({})
  const becomeCaller = base.applyJwtSessionContext.bind(base)
  const requests = new AsyncLocalStorage<Request>()
  return Object.assign(base, {
    driver: pool,
    kysely: new Kysely({ dialect: new PostgresDialect({ pool }) }),
    // Left to itself, lite switches roles only if some table has row level security, and then first grants everything
    // to everybody.
    ensureRlsContext: () => true,
    // Lite tells of requests only when they are RPC.
    async applyJwtSessionContext(transaction: unknown, ...context: unknown[]) {
      await becomeCaller(transaction, ...context)
      const request = requests.getStore()
      if (request) await settingsOf(request).execute(transaction)
    },
    during: <T>(request: Request, work: () => Promise<T>) => requests.run(request, work),
    close: () => pool.end(),
  })
}

const settingsOf = (request: Request) => {
  const path = new URL(request.url).pathname.replace('/rest/v1', '')
  const headers = JSON.stringify(Object.fromEntries(request.headers))
  return sql`select set_config('request.method', ${request.method}, true), set_config('request.path', ${path}, true),
    set_config('request.headers', ${headers}, true)`
}
