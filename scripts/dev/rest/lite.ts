import { randomBytes } from 'node:crypto'
import { getRequestListener } from '@hono/node-server'
import { App } from '@supabase/lite'
import { createPostgresConnection } from '@supabase/lite/postgres'
import type { Caller } from '../caller.ts'
import { noFaults, withFaults } from './faults.ts'
import { jsonTypes } from './lite_json.ts'
import { muffle } from './quiet.ts'
import { exposedSchemas, type Rest, type RestOptions } from './rest.ts'

/**
 * REST by @supabase/lite: tables, filters and RPC for supabase-js, with real role switching. `databaseUrl` is that of
 * the owner: as `authenticator`, lite would see no tables.
 */
export async function startRestLite(
  { databaseUrl, schemas = exposedSchemas, connections = 10 }: RestOptions,
): Promise<Rest> {
  const connection = createPostgresConnection({
    url: databaseUrl,
    postgresOptions: { max: connections, types: jsonTypes },
  })
  // Left to itself, lite switches roles only if some table has row level security, and then first grants everything
  // to everybody. Pinned to the version this was tried with.
  Object.assign(connection, { ensureRlsContext: () => true })

  // Lite knows no legacy keys and wants auth tables for user JWTs. The gateway knows both; it tells lite the outcome
  // in a key that only this process can make.
  const mark = randomBytes(16).toString('hex')
  const app = new App({
    connection,
    api: { schemas },
    auth: { enabled: false },
    storage: { enabled: false },
    options: {
      server: {
        disableStudio: true,
        apiKeys: { resolver: (key) => Promise.resolve(readCaller(key, mark)) },
      },
    },
  })
  // It prints every error of the database with its stack, though the client gets it as the answer.
  const quiet = muffle()
  const listener = getRequestListener((request) => quiet.run(() => app.fetch(request)), {
    overrideGlobalObjects: false,
  })

  const faults = noFaults()
  await connection.introspect({ useCache: false })
  return {
    handle: withFaults(async (request, response, caller) => {
      request.rawHeaders = [
        ...withoutCredentials(request.rawHeaders),
        'apikey',
        `${mark}.${JSON.stringify(caller.claims)}`,
      ]
      await listener(request, response)
    }, faults),
    refresh: async () => void await connection.introspect({ useCache: false }),
    faults,
    async stop() {
      await connection.close()
      quiet.end()
    },
  }
}

function readCaller(key: string, mark: string) {
  if (!key.startsWith(`${mark}.`)) return null
  const claims = JSON.parse(key.slice(mark.length + 1)) as Caller['claims']
  return { type: claims.role === 'service_role' ? 'secret' : 'publishable', claims } as const
}

const withoutCredentials = (rawHeaders: string[]): string[] =>
  rawHeaders.filter((_, i) => !['apikey', 'authorization'].includes(rawHeaders[i - i % 2]?.toLowerCase() ?? ''))
