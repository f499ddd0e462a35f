import { literal } from '../database/quote.ts'
import { SupaqueueError } from '../../../supabase/functions/_shared/supaqueue/errors.ts'
import { openDatabase } from './database.ts'

/**
 * Who lives in the schema `supaqueue`: nobody, this supaqueue of whatever release, the supaqueue published in 2024, whose
 * tables have the same names and other columns, or somebody else.
 */
export type Occupant = 'nobody' | 'us' | 'published' | 'somebody else'

/**
 * Whether an owner is one of those to whom the database belongs anyhow, as an SQL condition. What anybody else has put under
 * our names would run with the rights of whoever reads it, views and operators among it: that is not ours, whatever it looks like.
 */
const trusted = (owner: string): string =>
  `exists (
      select from pg_catalog.pg_roles as r
      where r.oid = ${owner} and (r.rolsuper or r.rolname = current_user
        or r.oid = (select d.datdba from pg_catalog.pg_database as d where d.datname = pg_catalog.current_database()))
    )`

/** A table of the schema `n` that has these columns, as an SQL condition. */
const has = (table: string, columns: string[]): string =>
  `(
    select count(*) = ${literal(String(columns.length))}::bigint
    from pg_catalog.pg_class as c
    join pg_catalog.pg_attribute as a on a.attrelid = c.oid and not a.attisdropped
    where c.relnamespace = n.oid and c.relkind in ('r', 'p') and c.relname = ${literal(table)}
      and ${trusted('c.relowner')}
      and a.attname || ' ' || pg_catalog.format_type(a.atttypid, null) in (${columns.map(literal).join(', ')})
  )`

/**
 * Who it is, as an SQL expression. Asks the catalogs alone: no right on the schema is needed, and no name in it has to
 * exist. Ours keeps a ledger of its migrations; the published one has uuids for jobs, and knows no ledger.
 */
export const OCCUPANT = occupantIn('supaqueue')

/** The same of another schema: the published one may have been moved aside. */
export function occupantIn(schema: string): string {
  return `coalesce((
  select case
    when not ${trusted('n.nspowner')} then 'somebody else'
    when ${has('migration', ['name text', 'checksum text', 'applied_at timestamp with time zone'])} then 'us'
    when ${has('queue', ['id uuid', 'edge_function_name text'])}
      and ${has('worker', ['id uuid', 'queue uuid', 'locked boolean'])}
      and ${has('job', ['id uuid', 'queue uuid', 'payload jsonb'])}
      and ${has('current_job', ['id uuid', 'job uuid', 'worker uuid'])} then 'published'
    else 'somebody else'
  end
  from pg_catalog.pg_namespace as n
  where n.nspname = ${literal(schema)}
), 'nobody')`
}

type Query = (sql: string) => Promise<{ occupant: Occupant }[]>

/** Who lives in the schema `supaqueue` of a database. */
export async function occupantOf(query: Query): Promise<Occupant> {
  const [row] = await query(`select ${OCCUPANT} as occupant`)
  return row?.occupant ?? 'nobody'
}

/** What every command says of a schema `supaqueue` that is not ours; undefined where it is, or where there is none. */
export function strangerError(occupant: Occupant): SupaqueueError | undefined {
  if (occupant === 'nobody' || occupant === 'us') return undefined
  return new SupaqueueError('SQ409', STRANGERS[occupant].message, STRANGERS[occupant].hint)
}

/** Refuses a database whose schema `supaqueue` is not ours. Nothing was read of it, and nothing is changed. */
export async function refuseStranger(query: Query): Promise<void> {
  const error = strangerError(await occupantOf(query))
  if (error) throw error
}

/** The same for who is without a connection: what a database says that could be asked, else undefined. */
export async function strangerAt(url: string): Promise<SupaqueueError | undefined> {
  const db = openDatabase(url)
  try {
    return strangerError(await occupantOf((sql) => db.query(sql)))
  } catch {
    return undefined
  } finally {
    await db.end()
  }
}

/** In one line each: a migration says the same. */
export const STRANGERS = {
  'published': {
    message: 'the schema supaqueue in this database is of the supaqueue published in 2024, not of this one',
    hint:
      'Nothing was changed, and it goes on as before. To move to this one, with queues, workers and the jobs that wait: ' +
      'pnpm supaqueue:install --from-published; with --dry-run it shows first what it would do.',
  },
  'somebody else': {
    message: 'the schema supaqueue in this database is of somebody else: supaqueue has not made it',
    hint:
      'Nothing was changed. supaqueue needs this name: rename that schema (alter schema supaqueue rename to another_name), ' +
      'or drop it once nobody needs it, then install. One that is supaqueue all the same belongs to a role to which neither the database ' +
      'nor this session does: have the owner of the database own it.',
  },
} as const
