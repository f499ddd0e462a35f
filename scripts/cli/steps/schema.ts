import { addonNames, installedAddons } from '../database/addons.ts'
import { differing } from '../database/applied.ts'
import { addonPublicNames, MADE_ROUTINES, OWN_SCHEMAS, publicNames } from '../database/own.ts'
import { unitsOf } from '../database/units.ts'
import type { Database } from '../project/database.ts'
import { additions } from '../project/dependents.ts'
import { appliedMigrations, pendingMigrations } from '../project/ledger.ts'
import type { Step } from './step.ts'

export const schemaStep: Step = {
  name: 'the schema supaqueue with its tables, functions and triggers',

  // What stands in functions/ is then what is true, whoever changed it meanwhile.
  always: true,

  async isInPlace({ db, addons }) {
    if (await appliedMigrations(db) === undefined || (await pendingMigrations(db)).length > 0) return false
    const units = unitsOf([...new Set([...await installedAddons(db.query), ...addons])])
    return (await differing(db.query, units)).length === 0
  },

  putInPlace: async (project) => await project.applySql() ? undefined : false,

  // As a whole: a trigger that calls a function which is gone would refuse what a user writes at that moment.
  takeAway: ({ db, note }, { keepData }) => db.alone(() => tablesAtHand(db), note, () => takeSchema(db, keepData)),
}

// What of the user's hangs on any of it was named, and may go along.
async function takeSchema(db: Database, keepData: boolean): Promise<boolean> {
  const doors = await publicFunctions(db)
  for (const signature of doors) await db.change(`drop function ${signature} cascade`)
  const rooms = await addonSchemas(db, 'ours')
  for (const room of rooms) await db.change(`drop schema ${room} cascade`)
  if (!keepData) {
    const schemas = await ownSchemas(db)
    if (schemas.length > 0) await db.change(`drop schema ${schemas.join(', ')} cascade`)
    return doors.length > 0 || rooms.length > 0 || schemas.length > 0
  }
  // Those of hooks stand on tables of the user's, maybe of others: they go with the functions that they call.
  for (const signature of await hookRoutines(db)) await db.change(`drop function ${signature} cascade`)
  // Triggers first: the tables stay, and must be no less usable than before supaqueue ran.
  for (const { name, table } of await triggers(db)) await db.change(`drop trigger ${name} on ${table}`)
  const theirs = new Set((await additions(db)).map(({ name }) => name))
  // Views before the functions that they call.
  const views = (await ownViews(db)).filter((name) => !theirs.has(name))
  if (views.length > 0) await db.change(`drop view ${views.join(', ')} cascade`)
  const routines = (await ownFunctions(db)).filter((name) => !theirs.has(name))
  if (routines.length > 0) await db.change(`drop function ${routines.join(', ')} cascade`)
  return doors.length > 0 || rooms.length > 0 || routines.length > 0
}

/** Tables that are locked by taking ours away: ours, and those of users that triggers or foreign keys tie to them. */
async function tablesAtHand(db: Database): Promise<string[]> {
  const rows = await db.query<{ name: string }>(
    `with ours as (
      select oid from pg_namespace
      where nspname = any ($1) or nspname = any ($2) and obj_description(oid, 'pg_namespace') ~ 'supaqueue'
    )
    select format('%I.%I', n.nspname, c.relname) as name
    from pg_class as c
    join pg_namespace as n on n.oid = c.relnamespace
    where c.relkind in ('r', 'p')
      and (
        n.oid in (table ours)
        or exists (
          select from pg_trigger as t join pg_proc as p on p.oid = t.tgfoid
          where t.tgrelid = c.oid and p.pronamespace in (table ours)
        )
        or exists (
          select from pg_constraint as k join pg_class as target on target.oid = k.confrelid
          where k.conrelid = c.oid and target.relnamespace in (table ours)
        )
      )
      -- Others, such as those of auth, are locked by what is done to them.
      and (pg_has_role(c.relowner, 'usage') or has_table_privilege(c.oid, 'update, delete, truncate'))`,
    [OWN_SCHEMAS, addonNames()],
  )
  return rows.map(({ name }) => name)
}

/** What we have put into the schema `public`, add-ons included. */
const publicFunctions = (db: Database): Promise<string[]> =>
  publicFunctionsOf(db, [...publicNames(), ...addonPublicNames()], 'ours')

/** Functions of the user's in `public` that bear a name of ours. */
export const foreignFunctions = (db: Database): Promise<string[]> => publicFunctionsOf(db, publicNames(), 'foreign')

/** What of the user's stands where these add-ons would go. */
export async function foreignAddons(db: Database, addons: string[]): Promise<string[]> {
  const names = addonPublicNames(addons)
  const schemas = (await addonSchemas(db, 'foreign')).filter((schema) => addons.includes(schema))
  return [
    ...schemas.map((schema) => `a schema ${schema}`),
    ...(await publicFunctionsOf(db, names, 'foreign')).map((signature) => `a function ${signature}`),
  ]
}

/** Schemas that bear the name of an add-on. Like functions in `public`, ours speak of supaqueue in their comment. */
async function addonSchemas(db: Database, whose: 'ours' | 'foreign'): Promise<string[]> {
  const rows = await db.query<{ name: string }>(
    `select nspname as name from pg_namespace
     where nspname = any ($1) and coalesce(obj_description(oid, 'pg_namespace'), '') ~ 'supaqueue' = $2`,
    [addonNames(), whose === 'ours'],
  )
  return rows.map(({ name }) => name)
}

// Ours speak of supaqueue in their comment, whatever their release.
async function publicFunctionsOf(db: Database, names: string[], whose: 'ours' | 'foreign'): Promise<string[]> {
  const rows = await db.query<{ signature: string }>(
    `select format('public.%I(%s)', p.proname, pg_get_function_identity_arguments(p.oid)) as signature
     from pg_proc as p
     where p.pronamespace = 'public'::regnamespace
       and p.proname = any ($1)
       and coalesce(obj_description(p.oid, 'pg_proc'), '') ~ 'supaqueue' = $2`,
    [names, whose === 'ours'],
  )
  return rows.map(({ signature }) => signature)
}

async function ownSchemas(db: Database): Promise<string[]> {
  const rows = await db.query<{ name: string }>(
    `select nspname as name from pg_namespace where nspname = any ($1) order by 1`,
    [OWN_SCHEMAS],
  )
  return rows.map(({ name }) => name)
}

async function ownFunctions(db: Database): Promise<string[]> {
  const rows = await db.query<{ signature: string }>(
    // Written as whoever asks what is the user's is told it.
    `select (pg_identify_object('pg_proc'::regclass, p.oid, 0)).identity as signature
     from pg_proc as p join pg_namespace as n on n.oid = p.pronamespace
     where n.nspname = any ($1)`,
    [OWN_SCHEMAS],
  )
  return rows.map(({ signature }) => signature)
}

async function hookRoutines(db: Database): Promise<string[]> {
  const rows = await db.query<{ signature: string }>(
    `select (pg_identify_object('pg_proc'::regclass, oid, 0)).identity as signature
     from pg_proc where pronamespace = to_regnamespace('supaqueue_internal') and proname ~ $1 and prorettype = 'trigger'::regtype`,
    [MADE_ROUTINES],
  )
  return rows.map(({ signature }) => signature)
}

async function ownViews(db: Database): Promise<string[]> {
  const rows = await db.query<{ name: string }>(
    `select (pg_identify_object('pg_class'::regclass, oid, 0)).identity as name from pg_class where relnamespace = to_regnamespace('supaqueue') and relkind = 'v'`,
  )
  return rows.map(({ name }) => name)
}

const triggers = (db: Database) =>
  db.query<{ name: string; table: string }>(
    `select quote_ident(t.tgname) as name, t.tgrelid::regclass::text as "table"
     from pg_trigger as t
     join pg_class as c on c.oid = t.tgrelid
     join pg_namespace as n on n.oid = c.relnamespace
     join pg_proc as p on p.oid = t.tgfoid
     where n.nspname = 'supaqueue' and not t.tgisinternal
       and p.pronamespace in (select ours.oid from pg_namespace as ours where ours.nspname = any ($1))`,
    [OWN_SCHEMAS],
  )
