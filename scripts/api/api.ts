import { makeApi } from '../../supabase/functions/supaqueue-api/api.ts'
import { openDatabase } from '../../supabase/functions/supaqueue-api/database.ts'
import { projectKeys } from '../../supabase/functions/_shared/supaqueue/key.ts'
import { SupaqueueError } from '../../supabase/functions/_shared/supaqueue/errors.ts'
import { readAddress } from '../cli/connection/address.ts'
import type { Deps } from '../cli/deps.ts'
import { completeUrl, sayInsecurity } from '../cli/project/database_url.ts'
import { strangerAt } from '../cli/project/occupant.ts'
import { isPooled } from '../work/databases.ts'
import { openConnection } from './connection.ts'
import { openServer } from './server.ts'

export type ApiOptions = {
  dbUrl?: string
  port: number
  host: string
  connections: number
  insecureTls?: boolean
}

// Whoever looks after the process asks often: the database is asked no more often than this.
const HEALTH_EVERY_MS = 1000

/**
 * Serves the HTTP API from a process: what the edge function supaqueue-api is, over connections of its own. A database that
 * cannot be reached, does not have the API or refuses the role is an error at the start; later it is an answer.
 */
export async function openApi(options: ApiOptions, deps: Deps): Promise<{ address: string; stop(): Promise<void> }> {
  const url = readUrl(options, deps)
  sayInsecurity(url, deps.note)
  const { ask, end } = openConnection({ url, pooled: isPooled(url) }, options.connections)
  const database = openDatabase(ask)
  const log = (line: Record<string, unknown>) => deps.note(JSON.stringify({ time: new Date().toISOString(), ...line }))
  const keys = projectKeys((name) => deps.env[name])
  const api = makeApi(() => ({ keys, database }), log)
  // Of no key: it asks for what every request asks for, and changes nothing.
  const look = () => database.useApiKey('')
  const health = healthOf(look)

  try {
    await look().catch(async (reason) => {
      throw await atStart(reason, url)
    })
    const server = await openServer(
      options,
      (request) => new URL(request.url).pathname === '/health' ? health(request) : api.fetch(request),
    )
    const { host, port, database: name } = readAddress(url)
    deps.say(`Serving the HTTP API of ${host}:${port}/${name} at ${server.address}`)
    deps.say(`${server.address}/openapi.json lists its routes, ${server.address}/health says whether it is up.`)
    let stopped: Promise<void> | undefined
    return { address: server.address, stop: () => stopped ??= server.close().then(end) }
  } catch (reason) {
    await end()
    throw reason
  }
}

/** The same error for who starts the process: nobody has sent a request yet that could be sent again. */
async function atStart(reason: unknown, url: string): Promise<unknown> {
  if (!(reason instanceof SupaqueueError)) return reason
  const { code, message, details } = reason
  // Whoever sent a request would be told to come back later.
  if (details.headers) {
    return new SupaqueueError(
      code,
      message,
      'Is the database running, and does it let this machine in? Then start it again.',
    )
  }
  return await strangerAt(url) ?? reason
}

function readUrl({ dbUrl, insecureTls }: ApiOptions, { env }: Deps): string {
  const given = dbUrl ?? (env.SUPAQUEUE_DB_URL || undefined)
  if (given === undefined) {
    throw new SupaqueueError(
      'SQ422',
      'nothing says which database the HTTP API is of',
      'Set SUPAQUEUE_DB_URL, or add --db-url <url>.',
    )
  }
  return completeUrl(given, env.SUPABASE_DB_PASSWORD, insecureTls)
}

/** Whether the database answers: 200, or 503 with why it does not. Nothing secret. */
function healthOf(look: () => Promise<unknown>): (request: Request) => Promise<Response> {
  let latest: { at: number; told: Promise<Record<string, string>> } | undefined
  const told = () =>
    look().then(
      () => ({ status: 'up' }),
      ({ code, message, hint }: SupaqueueError) => ({ status: 'down', code, message, hint }),
    )
  return async ({ method }) => {
    if (method !== 'GET' && method !== 'HEAD') {
      return new Response(null, { status: 405, headers: { allow: 'GET, HEAD' } })
    }
    if (!latest || performance.now() - latest.at > HEALTH_EVERY_MS) latest = { at: performance.now(), told: told() }
    const body = await latest.told
    return Response.json(body, {
      status: body.status === 'up' ? 200 : 503,
      headers: { 'cache-control': 'no-store' },
    })
  }
}
