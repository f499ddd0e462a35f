import type { ClientBase } from 'pg'

/** What the types of a database are made of, read from its catalogue. Everything in the order of the alphabet. */
export type Catalog = {
  relations: Relation[]
  /** What functions return, in place of the row of a table. */
  composites: { name: string; columns: Column[] }[]
  routines: Routine[]
  enums: { name: string; labels: string[] }[]
}

export type Relation = {
  name: string
  isView: boolean
  columns: Column[]
  foreignKeys: { name: string; columns: string[]; relation: string; referenced: string[]; unique: boolean }[]
}

export type Column = {
  name: string
  type: TypeRef
  nullable: boolean
  hasDefault: boolean
  /** Generated always: nobody else may write it. */
  isGenerated: boolean
}

export type Routine = {
  schema: string
  name: string
  arguments: { name: string; type: TypeRef; optional: boolean }[]
  returns: { type: TypeRef; columns: { name: string; type: TypeRef }[]; isSet: boolean }
}

/** A type by its name in pg_type; `kind` as pg_type has it: b, c, d, e, p. */
export type TypeRef = { schema: string; name: string; kind: string; isArray: boolean }

/** Reads the schema supaqueue, and the functions that are named, of whatever schema. */
export async function readCatalog(db: ClientBase, routines: { schema: string; name: string }[]): Promise<Catalog> {
  const { rows: [row] } = await db.query(catalogQuery, [
    routines.map(({ schema, name }) => `${schema}.${name}`),
  ])
  return row.catalog
}

const typeRef = (oid: string) =>
  `(
  select json_build_object(
    'schema', n.nspname, 'name', coalesce(e.typname, t.typname), 'kind', coalesce(e.typtype, t.typtype),
    'isArray', e.oid is not null
  )
  from pg_type as t
  left join pg_type as e on e.oid = t.typelem and t.typcategory = 'A'
  join pg_namespace as n on n.oid = coalesce(e.typnamespace, t.typnamespace)
  where t.oid = ${oid}
)`

const names = (keys: string, relation: string) =>
  `array(
  select a.attname::text
  from unnest(${keys}) with ordinality as part (number, place)
  join pg_attribute as a on a.attrelid = ${relation} and a.attnum = part.number
  order by part.place
)`

const columns = `(
  select json_agg(json_build_object(
    'name', a.attname, 'type', ${typeRef('a.atttypid')}, 'nullable', not a.attnotnull, 'hasDefault', a.atthasdef,
    'isGenerated', a.attidentity = 'a' or a.attgenerated <> ''
  ) order by a.attname)
  from pg_attribute as a
  where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
)`

const foreignKeys = `(
  select coalesce(json_agg(json_build_object(
    'name', k.conname, 'relation', k.confrelid::regclass::text, 'columns', ${names('k.conkey', 'k.conrelid')},
    'referenced', ${names('k.confkey', 'k.confrelid')},
    'unique', exists (
      select from pg_constraint as u
      where u.conrelid = k.conrelid and u.contype in ('p', 'u') and u.conkey <@ k.conkey and k.conkey <@ u.conkey
    )
  ) order by k.conname), '[]')
  from pg_constraint as k
  where k.conrelid = c.oid and k.contype = 'f'
)`

const catalogQuery = `
  select json_build_object(
    'relations', (
      select json_agg(json_build_object(
        'name', c.relname, 'isView', c.relkind = 'v', 'columns', ${columns}, 'foreignKeys', ${foreignKeys}
      ) order by c.relname)
      from pg_class as c
      where c.relnamespace = 'supaqueue'::regnamespace and c.relkind in ('r', 'v')
    ),
    'composites', (
      select coalesce(json_agg(json_build_object('name', c.relname, 'columns', ${columns}) order by c.relname), '[]')
      from pg_class as c
      where c.relnamespace = 'supaqueue'::regnamespace and c.relkind = 'c'
    ),
    'enums', (
      select json_agg(json_build_object('name', t.typname, 'labels', array(
        select enumlabel::text from pg_enum where enumtypid = t.oid order by enumsortorder
      )) order by t.typname)
      from pg_type as t
      where t.typnamespace = 'supaqueue'::regnamespace and t.typtype = 'e'
    ),
    'routines', (
      select json_agg(json_build_object(
        'schema', n.nspname, 'name', p.proname,
        'arguments', array(
          select json_build_object(
            'name', p.proargnames[i], 'type', ${typeRef('p.proargtypes[i - 1]')},
            'optional', i > p.pronargs - p.pronargdefaults
          )
          from generate_series(1, p.pronargs) as i
        ),
        'returns', json_build_object(
          'type', ${typeRef('p.prorettype')}, 'isSet', p.proretset,
          'columns', array(
            select json_build_object('name', p.proargnames[i], 'type', ${typeRef('p.proallargtypes[i]')})
            from generate_subscripts(p.proargmodes, 1) as i
            where p.proargmodes[i] in ('o', 't')
          )
        )
      ) order by n.nspname, p.proname, p.oid::regprocedure::text)
      from pg_proc as p
      join pg_namespace as n on n.oid = p.pronamespace
      where concat(n.nspname, '.', p.proname) = any ($1)
    )
  ) as catalog`
