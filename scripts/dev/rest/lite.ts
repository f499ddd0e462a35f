import { randomBytes } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { getRequestListener } from '@hono/node-server'
import { App } from '@supabase/lite'
import type { Caller } from '../caller.ts'
import { noFaults, withFaults } from './faults.ts'
import { liteConnection } from './lite/connection.ts'
import { listenForErrors } from './lite/errors.ts'
import { exposedSchemas, type Rest, type RestOptions } from './rest.ts'
import { functionName } from './rpc/read.ts'
import { startRpc } from './rpc/rpc.ts'

export type LiteOptions = RestOptions & {
  /** Of a role that may become the others, for RPC. Default: `databaseUrl`. */
  authenticatorUrl?: string
}

/**
 * REST for what supabase-js can ask: tables by @supabase/lite, plain RPC as the thin endpoint answers it. `databaseUrl`
 * is the owner's: as `authenticator`, lite would see no tables.
 */
export async function startRestLite(options: LiteOptions): Promise<Rest> {
  const { databaseUrl, schemas = exposedSchemas, connections = 10, authenticatorUrl = databaseUrl } = options
  const connection = liteConnection(databaseUrl, connections)
  const errors = listenForErrors(connection)
  const rpc = await startRpc({ databaseUrl: authenticatorUrl, schemas, connections })

  // Lite knows no legacy keys and wants auth tables for user JWTs. The gateway knows both; it tells lite the outcome
  // in a key that only this process can make.
  const mark = randomBytes(16).toString('hex')
  const app = new App({
    connection,
    api: { schemas },
    auth: { enabled: false },
    storage: { enabled: false },
    options: {
      server: { disableStudio: true, apiKeys: { resolver: (key) => Promise.resolve(readCaller(key, mark)) } },
    },
  })
  const ask = (request: IncomingMessage, response: ServerResponse, caller: Caller) => {
    const key = `${mark}.${JSON.stringify(caller.claims)}`
    request.rawHeaders = [...withoutCredentials(request.rawHeaders), 'apikey', key]
    const listener = getRequestListener((asked) => errors.answer(caller.role, async () => await app.fetch(asked)), {
      overrideGlobalObjects: false,
    })
    return listener(request, response)
  }

  const faults = noFaults()
  const refresh = async () => {
    await connection.introspect({ useCache: false })
    await rpc.refresh()
  }
  await refresh()
  return {
    handle: withFaults(async (request, response, caller) => {
      if (isPlainRpc(request)) await rpc.handle(request, response, caller)
      else await ask(request, response, caller)
    }, faults),
    refresh,
    faults,
    async stop() {
      await rpc.stop()
      await connection.close()
      errors.end()
    },
  }
}

/** Whether nothing but the function's own answer is wanted: no filter, no order, no count, no single row. */
const isPlainRpc = (request: IncomingMessage): boolean =>
  request.method === 'POST' &&
  functionName(request) !== undefined &&
  !/\?(?!apikey=[^&]*$)/.test(request.url ?? '') &&
  !request.headers.accept?.includes('vnd.pgrst') &&
  !request.headers.prefer?.includes('count=')

function readCaller(key: string, mark: string) {
  if (!key.startsWith(`${mark}.`)) return null
  const claims = JSON.parse(key.slice(mark.length + 1)) as Caller['claims']
  return { type: claims.role === 'service_role' ? 'secret' : 'publishable', claims } as const
}

const withoutCredentials = (rawHeaders: string[]): string[] =>
  rawHeaders.filter((_, i) => !['apikey', 'authorization'].includes(rawHeaders[i - i % 2]?.toLowerCase() ?? ''))
