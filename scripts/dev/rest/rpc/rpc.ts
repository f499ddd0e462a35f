import type { IncomingMessage, ServerResponse } from 'node:http'
import type pg from 'pg'
import { answer } from '../../answer.ts'
import type { Caller } from '../../caller.ts'
import { makePool } from '../pool.ts'
import { exposedSchemas, type RestOptions } from '../rest.ts'
import { describeError, type RestError, restError } from './error.ts'
import { read } from './read.ts'
import { readRoleSettings } from './role_settings.ts'
import { choose, readSignatures, type Signature } from './signature.ts'
import { statement } from './statement.ts'

/** Answers `POST /rest/v1/rpc/<function>`, in one round trip to the database. */
export type Rpc = {
  handle(request: IncomingMessage, response: ServerResponse, caller: Caller): Promise<void>
  refresh(): Promise<void>
  stop(): Promise<void>
}

/** `databaseUrl` is that of a role that may become the others, as PostgREST's `authenticator` may. */
export async function startRpc({ databaseUrl, schemas = exposedSchemas, connections = 10 }: RestOptions): Promise<Rpc> {
  const pool = makePool({ connectionString: databaseUrl, max: connections })

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
    const { schema, name, given } = asked

    const client = await pool.connect()
    let broken = false
    try {
      const signature = await signatureOf(client, schema, name, given)
      if (!signature) return unknownFunction(schema, name, given)
      const text = statement({
        ...asked,
        signature,
        claims: caller.claims,
        headers: JSON.stringify(request.headers),
        roleSettings: roleSettings[caller.role] ?? {},
      })
      const results = await client.query(text) as unknown as pg.QueryResult<{ body: string | null }>[]
      return signature.returnsVoid ? undefined : results[3]?.rows[0]?.body ?? 'null'
    } catch (reason) {
      broken = await client.query('rollback').then(() => false, () => true)
      return describeError(reason, caller.role)
    } finally {
      client.release(broken)
    }
  }

  await refresh()
  return {
    async handle(request, response, caller) {
      const result = await call(request, caller).catch((reason) => describeError(reason, caller.role))
      if (result === undefined) return void response.writeHead(204).end()
      if (typeof result !== 'string') return answer(response, result.status, result.body, result.headers)
      response.writeHead(200, {
        'content-type': 'application/json; charset=utf-8',
        'content-length': Buffer.byteLength(result),
      }).end(result)
    },
    refresh,
    stop: () => pool.end(),
  }
}

const unknownFunction = (schema: string, name: string, given: string[]) =>
  restError(
    404,
    'PGRST202',
    `Could not find the function ${schema}.${name}(${given.join(', ')}) in the schema cache`,
    'Check its name, its schema and the names of its arguments.',
  )
