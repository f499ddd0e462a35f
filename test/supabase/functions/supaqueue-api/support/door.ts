import { randomBytes } from 'node:crypto'
import { connect, createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import type pg from 'pg'
import { openConnection } from '../../../../../scripts/api/connection.ts'
import { openServer } from '../../../../../scripts/api/server.ts'
import { openDatabase as openProjectDatabase } from '../../../../../scripts/cli/project/database.ts'
import type { Project } from '../../../../../scripts/cli/project/project.ts'
import { loginRoleStep } from '../../../../../scripts/cli/steps/login_role.ts'
import { startEdgeHost } from '../../../../../scripts/dev/edge/host.ts'
import { startGateway } from '../../../../../scripts/dev/gateway.ts'
import { makeKeyring } from '../../../../../scripts/dev/keyring.ts'
import { makeKeys } from '../../../../../scripts/dev/keys.ts'
import { startRestThin } from '../../../../../scripts/dev/rest/thin.ts'
import { makeApi } from '../../../../../supabase/functions/supaqueue-api/api.ts'
import { openDatabase } from '../../../../../supabase/functions/supaqueue-api/database.ts'
import { rest as overRest } from '../../../../../supabase/functions/supaqueue-api/rest.ts'
import { type TestDatabase, testDatabase } from '../../../../support/database.ts'

// The client of supabase-js insists on one, which Node 20 does not have and nobody here uses.
Object.assign(globalThis, { WebSocket: globalThis.WebSocket ?? class {} })

type Request = {
  method?: string
  body?: unknown
  /** The key to show; null for none. Default: the project's secret key. */
  key?: string | null
  headers?: Record<string, string>
}

/** How the doors of a file of tests reach their database: as the edge function does, or as the process does. */
export const doors: { over: 'the Data API' | 'a connection' } = { over: 'the Data API' }

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
  const connection = doors.over === 'a connection' ? await openRole(database) : undefined
  const ground = {
    keys: [keys.secret, keys.serviceRole],
    database: openDatabase(connection?.ask ?? overRest({ supabaseUrl: gateway.url, key: keys.secret })),
  }
  const api = makeApi(() => ground, (line) => logged.push(line))
  // What serves a process has the same to answer.
  const server = connection && await openServer({ port: 0, host: '127.0.0.1' }, (request) => api.fetch(request))
  const url = `${gateway.url}/functions/v1/supaqueue-api`
  const request = (path: string, init: RequestInit) =>
    deno
      ? fetch(`${url}${path}`, init)
      : server
      ? fetch(`${server.address}/supaqueue-api${path}`, init)
      : api.request(`/supaqueue-api${path}`, init)

  return {
    db,
    /** Another connection, of who owns the project's tables. */
    owner: () => database.connect('owner'),
    keys,
    url,
    /** What the way to the database may suffer from. */
    faults: (connection ?? rest).faults,
    /** The errors that the function showed. */
    logged,

    /** Sends a request, and returns status, headers and body: as JSON, or as text when it is none. */
    async send(path: string, { method, body, key = keys.secret, headers = {} }: Request = {}) {
      const init: RequestInit = {
        method: method ?? (body === undefined ? 'GET' : 'POST'),
        headers: { ...key !== null && { authorization: `Bearer ${key}` }, ...headers },
        ...body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) },
      }
      const response = await request(path, init)
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
      const response = await request(path, init as RequestInit)
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
      await server?.close()
      await connection?.end()
      await edge.stop()
      await rest.stop()
      await gateway.stop()
      await database.drop()
    },
  }
}

export type Door = Awaited<ReturnType<typeof openDoor>>

/** Asks as a login role that may serve the API and nothing else, over a line that can be cut. */
async function openRole(database: TestDatabase) {
  const role = `api_${randomBytes(4).toString('hex')}`
  const db = openProjectDatabase(database.ownerUrl)
  const step = loginRoleStep('api', role, () => Promise.resolve('a-long-password'))
  const project = { db, note: () => {} } as unknown as Project
  await step.putInPlace(project)
  const url = new URL(database.ownerUrl)
  const faults: { refuse?: 'unavailable' | undefined; loseAnswers?: boolean; delayMs?: number } = {}
  const line = createServer((client) => {
    const server = connect(Number(url.port), url.hostname)
    let asks = false
    client.on('data', (data) => {
      // The server says nothing of a statement before it is committed.
      asks ||= data.includes('answer_api')
      if (faults.refuse) client.destroy()
      else server.write(data)
    })
    server.on('data', (data) => faults.loseAnswers && asks ? client.destroy() : client.write(data))
    for (const [one, other] of [[client, server], [server, client]] as const) {
      one.on('error', () => {})
      one.on('close', () => other.end())
    }
  })
  await new Promise<void>((resolve) => line.listen(0, '127.0.0.1', resolve))
  const through = new URL(url)
  through.username = role
  through.password = 'a-long-password'
  through.host = `127.0.0.1:${(line.address() as AddressInfo).port}`
  const { ask, end } = openConnection({ url: through.href, pooled: false }, 10)

  return {
    ask,
    faults,
    async end() {
      await end()
      line.close()
      await step.takeAway(project, { keepData: false })
      await db.end()
    },
  }
}
