import pg from 'pg'
import type { Claims } from '../../keyring.ts'
import { orderOf } from './query.ts'
import { timeZoneOf } from './prefer.ts'
import type { Asked } from './read.ts'
import type { Signature } from './signature.ts'

export type Call = {
  asked: Asked
  signature: Signature
  claims: Claims
  headers: string
  /** Settings of the caller's role, which count only if somebody sets them. */
  roleSettings: Record<string, string>
  /** How many rows an answer has at most. */
  maxRows: number
}

/** What a call brings back: its rows as a text, how many these are, and how many there would be. */
export type Called = { body: string | null; shown: string; total: string | null }

/** What a function has set, to change its answer. */
export type Settings = { status: string | null; headers: string | null }

/** One text that does it all, and so takes one round trip: begin, become the caller, call, commit. */
export function statement({ asked, signature, claims, headers, roleSettings, maxRows }: Call): string {
  const timezone = timeZoneOf(asked.prefer)
  const settings = {
    'request.jwt.claims': JSON.stringify(claims),
    'request.method': asked.method,
    'request.path': `/rpc/${asked.name}`,
    'request.headers': headers,
    search_path: `${quote(asked.schema)}, public, extensions`,
    ...roleSettings,
    ...(timezone && { timezone }),
    ...signature.hoisted,
  }
  const set = Object.entries(settings).map(([name, value]) => `set_config(${text(name)}, ${text(value)}, true)`)
  return [
    `begin isolation level ${isolationOf(signature, roleSettings)} ${
      signature.readOnly || asked.method !== 'POST' ? 'read only' : 'read write'
    }`,
    `set local role ${quote(claims.role)}`,
    `select ${set.join(', ')}`,
    selectOf(asked, signature, maxRows),
    `select nullif(current_setting('response.status', true), '') as status, nullif(current_setting('response.headers', true), '') as headers`,
    // One row was asked for: whether it is one must be seen before anything stays.
    ...asked.media === 'object' ? [] : ['commit'],
  ].join(';\n')
}

/** What a transaction is comes with its beginning: defaults of the database, of the login or of a role there count for nothing. */
function isolationOf({ hoisted }: Signature, roleSettings: Call['roleSettings']): string {
  const wanted = hoisted.default_transaction_isolation ?? roleSettings.default_transaction_isolation
  return wanted === 'repeatable read' || wanted === 'serializable' ? wanted : 'read committed'
}

function selectOf(asked: Asked, signature: Signature, maxRows: number): string {
  const { argument, call } = callOf(asked, signature)
  const from = argument ? `${argument}, ` : ''
  if (signature.returns === 'void') {
    return `select ${call}::text as body, 1 as shown, null as total ${argument && `from ${argument}`}`
  }
  if (signature.returns === 'scalar' && asked.media !== 'csv') {
    return `select to_json(${call})::text as body, 1 as shown, null as total ${argument && `from ${argument}`}`
  }

  const isScalar = signature.returns === 'scalar' || signature.returns === 'scalars'
  const { columns, order, limit = maxRows, offset } = asked.page
  const result = isScalar ? 'answer.pgrst_scalar' : 'answer.*'
  const inside = `select ${result} from ${from}lateral ${call} as answer${isScalar ? '(pgrst_scalar)' : ''}`
  const wanted = isScalar ? '*' : columns?.map(quote).join(', ') ?? '*'
  const sorted = order.length > 0 ? ` order by ${order.map((term) => orderOf(term, quote)).join(', ')}` : ''
  const total = asked.prefer.count === 'exact' ? `(select count(*) from answer)` : 'null'
  return `
    with answer as materialized (${inside}),
    page as (select ${wanted} from answer${sorted} limit ${Math.min(limit, maxRows)} offset ${offset})
    select ${bodyOf(asked, signature)} as body, count(*) as shown, ${total} as total from page`
}

const bodyOf = ({ media }: Asked, { returns }: Signature): string => {
  const row = returns === 'scalars' || returns === 'scalar' ? 'page.pgrst_scalar' : 'page'
  if (media === 'csv') return csv
  if (media === 'object' || returns === 'row') return `(json_agg(${row}) -> 0)::text`
  return `coalesce(json_agg(${row}), '[]')::text`
}

// A line of names, and the rows as Postgres writes them, without their parentheses.
const csv = `coalesce((
    select string_agg(key, ',') from json_object_keys((select row_to_json(page) from page limit 1)) as key
  ), '') || E'\\n' || coalesce(string_agg(substring(page::text, 2, length(page::text) - 2), E'\\n'), '')`

/** The call itself, and where its arguments come from. */
function callOf({ schema, name, given }: Asked, signature: Signature): { argument: string; call: string } {
  const full = `${quote(schema)}.${quote(name)}`
  const only = signature.arguments[0]
  if (given.form === 'raw') {
    const body = given.type === 'bytea'
      ? `convert_to(${text(given.body)}, 'UTF8')`
      : `${text(given.body)}::${given.type}`
    return { argument: '', call: `${full}(${body})` }
  }
  if (only?.name === '' && given.names.length > 0) {
    return { argument: '', call: `${full}(${text(given.json)}::${only?.type ?? 'json'})` }
  }
  if (given.names.length === 0) return { argument: '', call: `${full}()` }

  // Postgres reads the arguments and writes the result: dates, numbers and arrays come out as PostgREST has them.
  const columns = signature.arguments.filter((argument) => given.names.includes(argument.name))
    .map((argument) => `${quote(argument.name)} ${argument.type}`)
  const reader = given.json.trimStart().startsWith('[') ? 'json_to_recordset' : 'json_to_record'
  const named = given.names.map((argument) => `${quote(argument)} => argument.${quote(argument)}`)
  return {
    argument: `(select * from ${reader}(${text(given.json)}::json) as _(${columns.join(', ')}) limit 1) as argument`,
    call: `${full}(${named.join(', ')})`,
  }
}

const quote = (name: string) => pg.escapeIdentifier(name)
const text = (value: string) => pg.escapeLiteral(value)
