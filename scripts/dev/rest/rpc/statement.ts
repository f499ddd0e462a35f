import pg from 'pg'
import type { Claims } from '../../keyring.ts'
import type { Signature } from './signature.ts'

export type Call = {
  schema: string
  name: string
  signature: Signature
  /** The arguments as the JSON text that came, so that no number loses digits. */
  body: string
  given: string[]
  claims: Claims
  headers: string
  /** Settings of the caller's role, which count only if somebody sets them. */
  roleSettings: Record<string, string>
}

/** One text that does it all, and so takes one round trip: begin, become the caller, call, commit. */
export function statement(call: Call): string {
  const settings = {
    'request.jwt.claims': JSON.stringify(call.claims),
    'request.method': 'POST',
    'request.path': `/rpc/${call.name}`,
    'request.headers': call.headers,
    search_path: `${quote(call.schema)}, public, extensions`,
    ...call.roleSettings,
    ...call.signature.hoisted,
  }
  const set = Object.entries(settings).map(([name, value]) => `set_config(${text(name)}, ${text(value)}, true)`)
  return [
    'begin',
    `set local role ${quote(call.claims.role)}`,
    `select ${set.join(', ')}`,
    `${argumentsOf(call)}${selectOf(call)}`,
    'commit',
  ].join(';\n')
}

// Postgres reads the arguments and writes the result: dates, numbers and arrays come out as PostgREST has them.
function argumentsOf({ signature, given, body }: Call): string {
  if (given.length === 0) return ''
  const columns = signature.arguments.filter(({ name }) => given.includes(name)).map(({ name, type }) =>
    `${quote(name)} ${type}`
  )
  return `with argument as (select * from json_to_record(${text(body)}::json) as _(${columns.join(', ')}))\n`
}

function selectOf({ schema, name, signature, given }: Call): string {
  const from = given.length === 0 ? '' : ' from argument'
  const named = given.map((argument) => `${quote(argument)} => argument.${quote(argument)}`)
  const result = `${quote(schema)}.${quote(name)}(${named.join(', ')})`
  if (signature.returnsVoid) return `select ${result}::text as body${from}`
  if (signature.returnsSet) {
    return `select coalesce(json_agg(result), '[]'::json)::text as body from (select ${result} as result${from}) as answer`
  }
  return `select to_json(${result})::text as body${from}`
}

const quote = (name: string) => pg.escapeIdentifier(name)
const text = (value: string) => pg.escapeLiteral(value)
