import type pg from 'pg'
import { startEdgeHost } from '../../../../../scripts/dev/edge/host.ts'
import { startGateway } from '../../../../../scripts/dev/gateway.ts'
import { makeKeyring } from '../../../../../scripts/dev/keyring.ts'
import { makeKeys } from '../../../../../scripts/dev/keys.ts'
import { startRestThin } from '../../../../../scripts/dev/rest/thin.ts'
import { makeApi } from '../../../../../supabase/functions/supaqueue-api/api.ts'
import { openDatabase } from '../../../../../supabase/functions/supaqueue-api/database.ts'
import { testDatabase } from '../../../../support/database.ts'

// The client of supabase-js insists on one, which Node 20 does not have and nobody here uses.
Object.assign(globalThis, { WebSocket: globalThis.WebSocket ?? class {} })

type Request = {
  method?: string
  body?: unknown
  /** The key to show; null for none. Default: the project's secret key. */
  key?: string | null
  headers?: Record<string, string>
}

/** The HTTP API over a database of the test's own and a real REST door; `deno` has it served as the platform does. */
export async function openDoor({ deno = false } = {}) {
  const database = await testDatabase()
  const keys = await makeKeys()
  const keyring = makeKeyring(keys, { legacy: true })
  const gateway = await startGateway({ keyring })
  const rest = await startRestThin({ databaseUrl: database.authenticatorUrl })
  const edge = await startEdgeHost({
    functionsDirectory: new URL('../../../../../supabase/functions', import.meta.url).pathname,
    environment: { SUPABASE_URL: gateway.url, SUPABASE_SECRET_KEYS: JSON.stringify({ default: keys.secret }) },
    keyring,
    log: (line) => logged.push(line),
  })
  gateway.open({ rest, edge })
  const db: pg.Client = await database.connect()

  const logged: unknown[] = []
  const ground = {
    keys: [keys.secret, keys.serviceRole],
    database: openDatabase({ supabaseUrl: gateway.url, key: keys.secret }),
  }
  const api = makeApi(() => ground, (line) => logged.push(line))
  const url = `${gateway.url}/functions/v1/supaqueue-api`

  return {
    db,
    keys,
    url,
    rest,
    /** The errors that the function showed. */
    logged,

    /** Sends a request, and returns status, headers and body: as JSON, or as text when it is none. */
    async send(path: string, { method, body, key = keys.secret, headers = {} }: Request = {}) {
      const init: RequestInit = {
        method: method ?? (body === undefined ? 'GET' : 'POST'),
        headers: { ...key !== null && { authorization: `Bearer ${key}` }, ...headers },
        ...body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) },
      }
      const response = deno ? await fetch(`${url}${path}`, init) : await api.request(`/supaqueue-api${path}`, init)
      const text = await response.text()
      // deno-lint-ignore no-explicit-any
      let read: any = text
      try {
        read = JSON.parse(text)
      } catch {
        // Text, such as that of metrics.
      }
      return { status: response.status, headers: response.headers, body: read }
    },

    /** Sends a body whose length nobody knows beforehand. */
    async sendStream(path: string, body: ReadableStream) {
      const init = { method: 'POST', headers: { authorization: `Bearer ${keys.secret}` }, body, duplex: 'half' }
      const response = await api.request(`/supaqueue-api${path}`, init as RequestInit)
      return { status: response.status, body: await response.json() }
    },

    /** Makes an API key and returns it. */
    async key(scopes: string[], limits: { max_rps?: number; burst?: number } = {}): Promise<string> {
      const { rows } = await db.query(
        'select supaqueue.create_api_key(gen_random_uuid()::text, $1, $2, coalesce($3, 10)) as key',
        [scopes, limits.max_rps, limits.burst],
      )
      return rows[0].key
    },

    async close() {
      await edge.stop()
      await rest.stop()
      await gateway.stop()
      await database.drop()
    },
  }
}

export type Door = Awaited<ReturnType<typeof openDoor>>
