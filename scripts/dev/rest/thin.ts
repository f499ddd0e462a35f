import type { IncomingMessage } from 'node:http'
import pg from 'pg'
import { answer } from '../answer.ts'
import type { Caller } from '../caller.ts'
import { noFaults, withFaults } from './faults.ts'
import { exposedSchemas, type Rest, type RestOptions } from './rest.ts'
import { describeError, type RestError, restError } from './thin/error.ts'
import { readRoleSettings } from './thin/role_settings.ts'
import { choose, readSignatures, type Signature } from './thin/signature.ts'
import { statement } from './thin/statement.ts'

/**
 * REST for load: nothing but `POST /rest/v1/rpc/<function>`, in one round trip to the database. `databaseUrl` is that of
 * a role that may become the others, as PostgREST's `authenticator` may.
 */
export async function startRestThin(
  { databaseUrl, schemas = exposedSchemas, connections = 10 }: RestOptions,
): Promise<Rest> {
  const pool = new pg.Pool({ connectionString: databaseUrl, max: connections, connectionTimeoutMillis: 10_000 })
  // A connection that breaks while idle is replaced at its next use; without a listener the error would end the process.
  pool.on('error', () => {})

  let signatures = new Map<string, Signature[]>()
  let roleSettings: Record<string, Record<string, string>> = {}
  const refresh = async () => {
    signatures = new Map()
    const client = await pool.connect()
    roleSettings = await readRoleSettings(client).finally(() => client.release())
  }

  const signatureOf = async (client: pg.ClientBase, schema: string, name: string, given: string[]) => {
    const key = `${schema}.${name}`
    const known = choose(signatures.get(key) ?? [], given)
    if (known) return known
    // Not known, or not by these arguments: it may be new.
    signatures.set(key, await readSignatures(client, schema, name))
    return choose(signatures.get(key) ?? [], given)
  }

  /** The JSON that answers a call; nothing for a function without result. */
  const call = async (request: IncomingMessage, caller: Caller): Promise<string | undefined | RestError> => {
    const asked = await read(request, schemas)
    if ('status' in asked) return asked
    const { schema, name, given, body } = asked

    const client = await pool.connect()
    let broken = false
    try {
      const signature = await signatureOf(client, schema, name, given)
      if (!signature) return unknownFunction(schema, name, given)
      const answers = await client.query(statement({
        schema,
        name,
        signature,
        body,
        given,
        claims: caller.claims,
        method: 'POST',
        path: `/rpc/${name}`,
        headers: JSON.stringify(request.headers),
        roleSettings: roleSettings[caller.role] ?? {},
      })) as unknown as pg.QueryResult<{ body: string | null }>[]
      return signature.returnsVoid ? undefined : answers[3]?.rows[0]?.body ?? 'null'
    } catch (reason) {
      broken = await client.query('rollback').then(() => false, () => true)
      return describeError(reason, caller.role)
    } finally {
      client.release(broken)
    }
  }

  const faults = noFaults()
  await refresh()
  return {
    handle: withFaults(async (request, response, caller) => {
      const result = await call(request, caller).catch((reason) => describeError(reason, caller.role))
      if (result === undefined) return void response.writeHead(204).end()
      if (typeof result !== 'string') return answer(response, result.status, result.body)
      response.writeHead(200, {
        'content-type': 'application/json; charset=utf-8',
        'content-length': Buffer.byteLength(result),
      }).end(result)
    }, faults),
    refresh,
    faults,
    stop: () => pool.end(),
  }
}

type Asked = { schema: string; name: string; body: string; given: string[] }

async function read(request: IncomingMessage, schemas: string[]): Promise<Asked | RestError> {
  const name = /^\/rest\/v1\/rpc\/([^/?]+)/.exec(request.url ?? '')?.[1]
  if (name === undefined || request.method !== 'POST') {
    const hint = "Start the stack with rest: 'lite' for tables and other methods."
    return restError(405, 'PGRST101', 'The thin endpoint only answers POST /rest/v1/rpc/<function>', hint)
  }
  const schema = request.headers['content-profile']?.toString() ?? schemas[0] ?? 'public'
  if (!schemas.includes(schema)) {
    return restError(406, 'PGRST106', `Invalid schema: ${schema}`, `Only these are exposed: ${schemas.join(', ')}`)
  }

  const body = await readText(request)
  try {
    const given = JSON.parse(body || '{}')
    if (given !== null && typeof given === 'object' && !Array.isArray(given)) {
      return { schema, name: decodeURIComponent(name), body: body || '{}', given: Object.keys(given) }
    }
  } catch {
    // Said below, as for JSON that is no object.
  }
  return restError(400, 'PGRST102', 'Empty or invalid json', 'Send an object with the arguments by name.')
}

async function readText(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk)
  return Buffer.concat(chunks).toString()
}

const unknownFunction = (schema: string, name: string, given: string[]) =>
  restError(
    404,
    'PGRST202',
    `Could not find the function ${schema}.${name}(${given.join(', ')}) in the schema cache`,
    'Check its name, its schema and the names of its arguments.',
  )
