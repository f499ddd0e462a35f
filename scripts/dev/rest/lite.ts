import { randomBytes } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { getRequestListener } from '@hono/node-server'
import { App } from '@supabase/lite'
import { answer } from '../answer.ts'
import type { Caller } from '../caller.ts'
import { noFaults, withFaults } from './faults.ts'
import { asPostgrest, withoutEmptyType } from './lite/answer.ts'
import { liteConnection } from './lite/connection.ts'
import { listenForErrors } from './lite/errors.ts'
import { completed } from './lite/insert.ts'
import { exposedSchemas, maxRows, type Rest, type RestOptions } from './rest.ts'
import { functionName, isPlain, readSchema } from './rpc/read.ts'
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
    api: { schemas, max_rows: maxRows },
    auth: { enabled: false },
    storage: { enabled: false },
    options: {
      server: { disableStudio: true, apiKeys: { resolver: (key) => Promise.resolve(readCaller(key, mark)) } },
    },
  })
  const ask = (request: IncomingMessage, response: ServerResponse, caller: Caller) => {
    const key = `${mark}.${JSON.stringify(caller.claims)}`
    request.rawHeaders = [...withoutCredentials(request.rawHeaders), 'apikey', key]
    const listener = getRequestListener(
      async (asked) => {
        const whole = await completed(asked)
        if (whole instanceof Response) return whole
        return asPostgrest(
          asked,
          await errors.answer(
            caller.role,
            async () => await connection.during(whole, async () => await app.fetch(whole)),
          ),
        )
      },
      { overrideGlobalObjects: false },
    )
    return listener(request, withoutEmptyType(response))
  }

  const faults = noFaults()
  const refresh = async () => {
    await connection.introspect({ useCache: false })
    await rpc.refresh()
  }
  await refresh()
  return {
    handle: withFaults(async (request, response, caller) => {
      if (functionName(request) && isPlain(request)) return await rpc.handle(request, response, caller)
      const ill = await rpc.down()
      if (ill) return answer(response, ill.status, ill.body)
      const schema = readSchema(request, schemas)
      if (typeof schema !== 'string') return answer(response, schema.status, schema.body)
      await ask(request, response, caller)
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

function readCaller(key: string, mark: string) {
  if (!key.startsWith(`${mark}.`)) return null
  const claims = JSON.parse(key.slice(mark.length + 1)) as Caller['claims']
  return { type: claims.role === 'service_role' ? 'secret' : 'publishable', claims } as const
}

const withoutCredentials = (rawHeaders: string[]): string[] =>
  rawHeaders.filter((_, i) => !['apikey', 'authorization'].includes(rawHeaders[i - i % 2]?.toLowerCase() ?? ''))
