import type { ClientBase } from 'pg'
import { type RestError, restError } from './error.ts'
import type { Given } from './read.ts'

/** What must be known of a database function to call it by name, with named arguments. */
export type Signature = {
  arguments: { name: string; type: string }[]
  required: number
  returns: 'void' | 'scalar' | 'row' | 'scalars' | 'rows'
  /** A function that promises to change nothing is held to it. */
  readOnly: boolean
  /** Settings of the function that only count when set before the statement that calls it. */
  hoisted: Record<string, string>
}

const hoistable = new Set(['statement_timeout', 'default_transaction_isolation'])

type Row = {
  names: string[] | null
  types: string[]
  defaults: number
  returns: Signature['returns']
  read_only: boolean
  config: string[] | null
}

/** All functions of this name: more than one if it is overloaded. */
export async function readSignatures(client: ClientBase, schema: string, name: string): Promise<Signature[]> {
  const { rows } = await client.query<Row>(query, [schema, name])
  return rows.map((row) => ({
    arguments: row.types.map((type, i) => ({ name: row.names?.[i] ?? '', type })),
    required: row.types.length - row.defaults,
    returns: row.returns,
    readOnly: row.read_only,
    hoisted: Object.fromEntries((row.config ?? []).map(setting).filter(([key]) => hoistable.has(key))),
  }))
}

/** The function that is meant, an error if there is more than one, nothing if there is none. */
export function choose(signatures: Signature[], schema: string, name: string, given: Given) {
  const found = signatures.filter((signature) => takes(signature, given))
  const taking = found.length > 0 ? found : signatures.filter((signature) => takesWhole(signature, given))
  return taking.length > 1 ? ambiguous(schema, name, taking) : taking[0]
}

/** Whether it has all of these arguments, and defaults for its others. */
function takes({ arguments: known, required }: Signature, given: Given): boolean {
  if (given.form === 'raw') return known.length === 1 && known[0]?.name === '' && known[0].type === given.type
  return given.names.every((name) => known.some((argument) => argument.name === name)) &&
    known.slice(0, required).every(({ name }) => given.names.includes(name))
}

/** Whether it takes the whole body as its one argument, which has no name. */
const takesWhole = ({ arguments: known }: Signature, given: Given): boolean =>
  given.form === 'named' && known.length === 1 && known[0]?.name === '' && isJson(known[0].type)

const isJson = (type: string | undefined) => type === 'json' || type === 'jsonb'

function ambiguous(schema: string, name: string, signatures: Signature[]): RestError {
  const described = signatures.map(({ arguments: known }) =>
    `${schema}.${name}(${known.map((argument) => `${argument.name} => ${argument.type}`).join(', ')})`
  )
  return restError(
    300,
    'PGRST203',
    `Could not choose the best candidate function between: ${described.join(', ')}`,
    'Try renaming the parameters or the function itself in the database so function overloading can be resolved',
  )
}

/** What is answered to a call of a function that is not there. */
export function unknownFunction(schema: string, name: string, given: Given): RestError {
  const full = `${schema}.${name}`
  const names = given.form === 'named' ? given.names : []
  const searched = given.form === 'raw'
    ? `with a single unnamed ${given.type} parameter`
    : `${parameters(names)} or with a single unnamed json/jsonb parameter`
  const told = given.form !== 'named' ? '' : names.length > 0 ? `(${names.join(', ')})` : ' without parameters'
  return restError(
    404,
    'PGRST202',
    `Could not find the function ${full}${told} in the schema cache`,
    null,
    `Searched for the function ${full} ${searched}, but no matches were found in the schema cache.`,
  )
}

const parameters = (names: string[]) =>
  names.length === 0 ? 'without parameters' : `with parameter${names.length > 1 ? 's' : ''} ${names.join(', ')}`

const setting = (text: string): [string, string] => {
  const at = text.indexOf('=')
  return [text.slice(0, at), text.slice(at + 1)]
}

// Types are written with their schema unless they are built in: the call runs under another search_path.
const query = `
  select
    p.proargnames as names,
    array(
      select case
        when n.nspname = 'pg_catalog' then format_type(t.oid, null)
        when t.typcategory = 'A' and t.typelem <> 0 then (
          select format('%I.%I[]', en.nspname, e.typname)
          from pg_type e join pg_namespace en on en.oid = e.typnamespace
          where e.oid = t.typelem
        )
        else format('%I.%I', n.nspname, t.typname)
      end
      from unnest(p.proargtypes) with ordinality as a(type, place)
      join pg_type t on t.oid = a.type
      join pg_namespace n on n.oid = t.typnamespace
      order by a.place
    ) as types,
    p.pronargdefaults as defaults,
    case
      when p.prorettype = 'void'::regtype then 'void'
      when r.typtype = 'c' or p.prorettype = 'record'::regtype then case when p.proretset then 'rows' else 'row' end
      when cardinality(p.proallargtypes) > cardinality(p.proargtypes) then case when p.proretset then 'rows' else 'row' end
      else case when p.proretset then 'scalars' else 'scalar' end
    end as returns,
    p.provolatile <> 'v' as read_only,
    p.proconfig as config
  from pg_proc p
  join pg_namespace s on s.oid = p.pronamespace
  join pg_type r on r.oid = p.prorettype
  where s.nspname = $1 and p.proname = $2 and p.prokind = 'f'
  order by p.pronargs
`
