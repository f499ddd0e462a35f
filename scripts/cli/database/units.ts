import { createHash } from 'node:crypto'
import { addonFiles, addonNames } from './addons.ts'
import { functionFiles, isView, type SqlFile } from './files.ts'

/** What is applied, and remembered, as one: a function, a view, the triggers that call a function, the schema of an add-on. */
export type Unit = {
  kind: 'function' | 'view' | 'trigger' | 'schema'
  /** Of the file, below functions/. A file with triggers makes two units. */
  path: string
  /** Of the function, view or schema; of triggers, that of the function they call. */
  name: string
  sql: string
  checksum: string
  /** Rights or triggers of it follow the doors that are open, so that they say nothing about the file. */
  kept: boolean
}

/** A file's triggers stand at its end: making them locks a table, and nothing else in these files does. */
const TRIGGERS = /^drop trigger /m
const CHORE = /^insert into supaqueue\.chore [^;]+;$/gm
const KEEP_CALL = /^select (\w+\.keep_\w+\(\);)$/gm

/** What functions/ and the named add-ons are made of, in the order in which it can be applied. */
export function unitsOf(addons: string[] = []): Unit[] {
  const files = functionFiles().flatMap(split)
  const rank = ({ kind }: Unit) => ['function', 'view', 'trigger'].indexOf(kind)
  return [
    ...files.sort((one, other) => rank(one) - rank(other)),
    ...addons.flatMap((addon) =>
      addonFiles(addon).map((file) =>
        file.name === 'schema' ? unit('schema', { ...file, name: addon }) : unit('function', file)
      )
    ),
  ]
}

/**
 * What every install says anew, since other things than a file can undo it: rights and triggers that follow the open doors,
 * and the chores of the sweep. Decided by the files, and safe to say at any time.
 */
export const upkeep = (addons: string[] = []): string[] => [
  ...new Set(
    [...functionFiles(), ...addons.flatMap(addonFiles)].flatMap(({ sql }) => [
      ...[...sql.matchAll(KEEP_CALL)].map(([, call]) => `select ${call}`),
      ...(sql.match(CHORE) ?? []),
    ]),
  ),
]

/** Who may call them. Belongs into the transaction that makes functions: a new one is everybody's until then. */
export const KEEP_RIGHTS = 'select supaqueue_internal.keep_rights();'

/**
 * What users have granted on functions of ours to roles of their own. Belongs before the migrations: one that drops a function,
 * to have it come back with other parameters, drops this, too. KEEP_RIGHTS grants it again.
 */
export const REMEMBER_GRANTS = `select pg_catalog.set_config('supaqueue.granted', coalesce((
  select pg_catalog.jsonb_agg(pg_catalog.jsonb_build_object(
    'function', p.oid, 'schema', n.nspname, 'name', p.proname, 'role', granted.grantee, 'grantable', granted.is_grantable,
    'known', (
      select pg_catalog.jsonb_agg(known.oid) from pg_catalog.pg_proc as known
      where known.proname = p.proname and known.pronamespace = p.pronamespace
    )
  ))
  from pg_catalog.pg_proc as p
  join pg_catalog.pg_namespace as n on n.oid = p.pronamespace
  cross join lateral pg_catalog.aclexplode(p.proacl) as granted
  join pg_catalog.pg_roles as r on r.oid = granted.grantee
  where (
      n.nspname in ('supaqueue', 'supaqueue_internal')
      or n.nspname = 'public' and pg_catalog.obj_description(p.oid, 'pg_proc') ~ 'supaqueue'
    )
    and granted.grantee <> p.proowner and r.rolname not in ('anon', 'authenticated', 'service_role')
), '[]')::pg_catalog.text, false);`

/** Where the things of units may stand. */
export const unitSchemas = (): string[] => ['supaqueue', 'supaqueue_internal', 'public', ...addonNames()]

/** The tables that a unit locks against everybody else, to be taken all at once and in one order. */
export const tablesOf = ({ kind, sql }: Unit): string[] =>
  kind === 'trigger'
    ? [...sql.matchAll(/^drop trigger if exists \w+ on (\w+\.\w+);$/gm)].map(([, table = '']) => table)
    : []

function split(file: SqlFile): Unit[] {
  if (isView(file)) return [unit('view', file)]
  const at = file.sql.search(TRIGGERS)
  if (at < 0) return [unit('function', file)]
  return [
    unit('function', { ...file, sql: file.sql.slice(0, at) }),
    unit('trigger', { ...file, sql: file.sql.slice(at) }),
  ]
}

const unit = (kind: Unit['kind'], { path, name, sql }: SqlFile): Unit => ({
  kind,
  path,
  name,
  sql,
  checksum: createHash('sha256').update(sql).digest('hex'),
  kept: sql.search(KEEP_CALL) >= 0,
})
