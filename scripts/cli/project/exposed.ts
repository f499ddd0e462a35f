import { addonNames } from '../database/addons.ts'
import { identifier, literal } from '../database/quote.ts'
import { SupaqueueError } from '../../../supabase/functions/_shared/supaqueue/errors.ts'
import type { Database } from './database.ts'
import type { Project } from './project.ts'

/**
 * What the Data API serves, and what says so: the list of the platform, or a setting of the role authenticator, which
 * beats that list and is written in SQL.
 */
export type Exposed = { schemas: string[]; by: Authority }

export type Authority = { kind: 'the platform' } | {
  kind: 'the role'
  /** How the role is named in `alter role`: everywhere, or in this database. */
  role: string
}

type Reach = Pick<Project, 'db' | 'dataApi'>

export const exposed = async ({ db, dataApi }: Reach): Promise<Exposed> =>
  (await byRole(db))[0] ?? { schemas: await dataApi.schemas(), by: { kind: 'the platform' } }

/** Writes the list where it is read. */
export async function expose({ db, dataApi }: Reach, { schemas, by }: Exposed): Promise<void> {
  if (by.kind === 'the platform') return await dataApi.setSchemas(schemas)
  const statement = `alter role ${by.role} set pgrst.db_schemas = ${literal(schemas.map(identifier).join(', '))}`
  try {
    await db.change(statement)
  } catch (reason) {
    throw new SupaqueueError(
      'SQ403',
      `which schemas the Data API serves is a setting of the role authenticator, and we may not write it: ${
        (reason as Error).message
      }`,
      `As a role that may: ${statement}; notify pgrst, 'reload config'; then run the same command again.`,
    )
  }
  await db.change(`notify pgrst, 'reload config'`)
}

/**
 * Takes schemas out of every list. One that is served and not there takes the whole Data API down from PostgREST 13 on,
 * so this comes before they are dropped. Says whether there was something.
 */
export async function conceal(project: Reach, schemas: string[]): Promise<boolean> {
  const lists: Exposed[] = [
    ...await byRole(project.db),
    { schemas: await project.dataApi.schemas(), by: { kind: 'the platform' } },
  ]
  const shown = lists.filter((list) => list.schemas.some((schema) => schemas.includes(schema)))
  for (const list of shown) {
    await expose(project, { ...list, schemas: list.schemas.filter((schema) => !schemas.includes(schema)) })
  }
  return shown.length > 0
}

/** Which of these schemas the database does not have. */
export async function absent(db: Database, schemas: string[]): Promise<string[]> {
  const rows = await db.query<{ name: string }>(
    `select name from unnest($1::text[]) as name where to_regnamespace(quote_ident(name)) is null`,
    [schemas],
  )
  return rows.map(({ name }) => name)
}

/** Whatever of ours may be among the schemas that are served: what users call, what only it calls, those of add-ons. */
export async function ownRooms(db: Database): Promise<string[]> {
  const rows = await db.query<{ name: string }>(
    `select name from unnest($1::text[]) as name
     where not exists (
       select from pg_namespace
       where nspname = name and coalesce(obj_description(oid, 'pg_namespace'), '') !~ 'supaqueue'
     )`,
    [addonNames()],
  )
  return ['supaqueue', 'supaqueue_internal', ...rows.map(({ name }) => name)]
}

/** The one that counts first. */
async function byRole(db: Database): Promise<Exposed[]> {
  const rows = await db.query<{ list: string; role: string }>(
    `select split_part(entry, '=', 2) as list,
       'authenticator' || coalesce(' in database ' || quote_ident(pg_database.datname), '') as role
     from pg_db_role_setting as setting
     join pg_roles on pg_roles.oid = setting.setrole
     left join pg_database on pg_database.oid = setting.setdatabase
     cross join unnest(setting.setconfig) as entry
     where pg_roles.rolname = 'authenticator' and entry like 'pgrst.db\\_schemas=%'
       and (setting.setdatabase = 0 or pg_database.datname = current_database())
     order by setting.setdatabase = 0`,
  )
  return rows.map(({ list, role }) => ({
    schemas: list.split(',').map((schema) => schema.trim().replace(/^"(.*)"$/, '$1')).filter((schema) => schema !== ''),
    by: { kind: 'the role', role },
  }))
}
