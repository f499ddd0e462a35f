import type { ClientBase } from 'pg'

/** What must be known of a database function to call it by name, with named arguments. */
export type Signature = {
  arguments: { name: string; type: string }[]
  required: number
  returnsSet: boolean
  returnsVoid: boolean
  /** Settings of the function that only count when set before the statement that calls it. */
  hoisted: Record<string, string>
}

const hoistable = new Set(['statement_timeout', 'default_transaction_isolation'])

type Row = {
  names: string[] | null
  types: string[]
  defaults: number
  set: boolean
  void: boolean
  config: string[] | null
}

/** All functions of this name: more than one if it is overloaded. */
export async function readSignatures(client: ClientBase, schema: string, name: string): Promise<Signature[]> {
  const { rows } = await client.query<Row>(query, [schema, name])
  return rows.map((row) => ({
    arguments: row.types.map((type, i) => ({ name: row.names?.[i] ?? '', type })),
    required: row.types.length - row.defaults,
    returnsSet: row.set,
    returnsVoid: row.void,
    hoisted: Object.fromEntries((row.config ?? []).map(setting).filter(([key]) => hoistable.has(key))),
  }))
}

/** The first that has all of these arguments, and for whose others there are defaults. */
export const choose = (signatures: Signature[], given: string[]): Signature | undefined =>
  signatures.find(({ arguments: known, required }) =>
    given.every((name) => known.some((argument) => argument.name === name)) &&
    known.slice(0, required).every(({ name }) => given.includes(name))
  )

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
    p.proretset as set,
    p.prorettype = 'void'::regtype as void,
    p.proconfig as config
  from pg_proc p
  join pg_namespace s on s.oid = p.pronamespace
  where s.nspname = $1 and p.proname = $2 and p.prokind = 'f'
  order by p.pronargs
`
