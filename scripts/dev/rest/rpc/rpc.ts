import type { IncomingMessage, ServerResponse } from 'node:http'
import { setTimeout as pause } from 'node:timers/promises'
import type pg from 'pg'
import { answer } from '../../answer.ts'
import type { Caller } from '../../caller.ts'
import { makePool } from '../pool.ts'
import { exposedSchemas, maxRows, type RestOptions } from '../rest.ts'
import { describeError, type RestError, restError } from './error.ts'
import { type Asked, read } from './read.ts'
import { type Reply, reply } from './reply.ts'
import { readRoleSettings } from './role_settings.ts'
import { choose, readSignatures, type Signature, unknownFunction } from './signature.ts'
import { type Called, type Settings, statement } from './statement.ts'

/** Answers /rest/v1/rpc/<function>, in one round trip to the database. */
export type Rpc = {
  handle(request: IncomingMessage, response: ServerResponse, caller: Caller): Promise<void>
  refresh(): Promise<void>
  /** Why nothing at all is answered, if so. */
  down(): Promise<RestError | undefined>
  stop(): Promise<void>
}

/** `databaseUrl` is that of a role that may become the others, as PostgREST's `authenticator` may. */
export async function startRpc({ databaseUrl, schemas = exposedSchemas, connections = 10 }: RestOptions): Promise<Rpc> {
  const pool = makePool({ connectionString: databaseUrl, max: connections })

  let signatures = new Map<string, Signature[]>()
  let roleSettings: Record<string, Record<string, string>> = {}
  let isComplete = true
  const refresh = async () => {
    signatures = new Map()
    const client = await pool.connect()
    try {
      roleSettings = await readRoleSettings(client)
      isComplete = await haveAll(client, schemas)
    } finally {
      client.release()
    }
  }

  // It goes on trying to read its schema cache; here, whenever it is asked.
  const down = async () => {
    if (!isComplete) await refresh()
    return isComplete ? undefined : withoutCache
  }

  const signatureOf = async (client: pg.ClientBase, { schema, name, given }: Asked) => {
    const key = `${schema}.${name}`
    const known = choose(signatures.get(key) ?? [], schema, name, given)
    if (known) return known
    // Not known, or not by these arguments: it may be new.
    signatures.set(key, await readSignatures(client, schema, name))
    return choose(signatures.get(key) ?? [], schema, name, given)
  }

  /** Calls once: the answer, or the error that the database raised. */
  const call = async (asked: Asked, request: IncomingMessage, caller: Caller): Promise<Reply | RestError> => {
    const client = await pool.connect()
    let broken = false
    try {
      const signature = await signatureOf(client, asked)
      if (!signature) return unknownFunction(asked.schema, asked.name, asked.given)
      if ('status' in signature) return signature
      const text = statement({
        asked,
        signature,
        claims: caller.claims,
        headers: JSON.stringify(request.headers),
        roleSettings: roleSettings[caller.role] ?? {},
        maxRows,
      })
      const results = await client.query(text) as unknown as pg.QueryResult<Called>[]
      const settings = (results[4] as unknown as pg.QueryResult<Settings>).rows[0] as Settings
      const replied = reply(asked, signature, results[3]?.rows[0] as Called, settings)
      if (asked.media === 'object') await client.query(isError(replied) ? 'rollback' : 'commit')
      return replied
    } catch (reason) {
      broken = await client.query('rollback').then(() => false, () => true)
      return describeError(reason, caller.role)
    } finally {
      client.release(broken)
    }
  }

  /** Like PostgREST up to 14, it repeats what failed to serialize or deadlocked for as long as somebody waits. */
  const callOut = async (request: IncomingMessage, response: ServerResponse, caller: Caller) => {
    const ill = await down()
    if (ill) return ill
    const asked = await read(request, schemas)
    if ('status' in asked) return asked
    while (true) {
      const answered = await call(asked, request, caller)
      if (!isError(answered) || !repeated.has(answered.body.code) || response.destroyed) return answered
      await pause(10)
    }
  }

  await refresh()
  return {
    async handle(request, response, caller) {
      const answered = await callOut(request, response, caller).catch((reason) => describeError(reason, caller.role))
      if (isError(answered)) return answer(response, answered.status, answered.body, answered.headers)
      if (response.headersSent || response.destroyed) return
      const { status, headers, body } = answered
      response.writeHead(
        status,
        body === undefined ? headers : { ...headers, 'content-length': Buffer.byteLength(body) },
      )
      response.end(body)
    },
    refresh,
    down,
    stop: () => pool.end(),
  }
}

// From 13 on, a schema that is to be served and is not there keeps PostgREST from answering anything.
const haveAll = async (client: pg.ClientBase, schemas: string[]): Promise<boolean> => {
  const { rows } = await client.query('select from pg_namespace where nspname = any ($1)', [schemas])
  return rows.length === new Set(schemas).size
}

const repeated = new Set(['40001', '40P01'])

const withoutCache = restError(503, 'PGRST002', 'Could not query the database for the schema cache. Retrying.')

const isError = (answered: Reply | RestError): answered is RestError =>
  answered.body !== undefined && typeof answered.body !== 'string'
