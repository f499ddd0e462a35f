import { installedAddons } from '../database/addons.ts'
import { differing, outdated } from '../database/applied.ts'
import { unitsOf } from '../database/units.ts'
import { appliedMigrations, newerMigrations, pendingMigrations } from '../project/ledger.ts'
import { withoutRows } from '../database/without_rows.ts'
import { occupantOf, strangerError } from '../project/occupant.ts'
import { extensions, missing } from '../steps/extensions.ts'
import { foreignFunctions } from '../steps/schema.ts'
import { type Check, fine, INSTALL, wrong } from './check.ts'

export const extensionsCheck: Check = {
  name: 'extensions',
  edge: true,
  async inspect({ db }) {
    // What comes of it when one is missing that is not needed, the check of what it is for says.
    const needed = (await missing(db)).filter(({ needed }) => needed).map(({ name }) => name)
    if (needed.length > 0) {
      return wrong(`${needed.join(', ')} missing`, `${INSTALL}, or enable them under Database, Extensions`)
    }
    const versions = await db.query<{ text: string }>(
      `select extname || ' ' || extversion as text from pg_extension where extname = any ($1) order by extname`,
      [extensions.map(({ name }) => name)],
    )
    return fine(versions.map(({ text }) => text).join(', '))
  },
}

export const schemaCheck: Check = {
  name: 'schema',
  async inspect({ db }) {
    const stranger = strangerError(await occupantOf(db.query))
    if (stranger) return wrong(stranger.message, stranger.hint)
    const applied = await appliedMigrations(db)
    if (!applied) return wrong('supaqueue is not installed in this database', INSTALL)
    if (applied.length === 0) return wrong(withoutRows().message, withoutRows().hint)
    const pending = await pendingMigrations(db)
    if (pending.length > 0) {
      return wrong(`of an older release: ${pending.length} migrations pending`, 'pnpm supaqueue:upgrade')
    }
    const newer = await newerMigrations(db)
    if (newer.length > 0) return wrong(`of a newer release than this one: ${newer.join(', ')}`, 'git pull')
    const [turn] = await db.query<{ exists: boolean }>(
      `select to_regprocedure('public.supaqueue_turn(jsonb)') is not null as exists`,
    )
    if (!turn?.exists) return wrong('public.supaqueue_turn is missing', INSTALL)
    return fine(`${applied.length} migrations`)
  },
}

export const grantsCheck: Check = {
  name: 'grants',
  needs: ['schema'],
  async inspect({ db }) {
    const lacking = await db.query<{ right: string; statement: string }>(`
      select needed.what as right, format('grant %s to service_role;', needed.what) as statement
      from (
        select 'usage on schema public' as what, has_schema_privilege('service_role', 'public', 'usage') as there
        union all
        select 'usage on schema supaqueue', has_schema_privilege('service_role', 'supaqueue', 'usage')
        union all
        select 'usage on schema supaqueue_internal', has_schema_privilege('service_role', 'supaqueue_internal', 'usage')
        union all
        select 'execute on function ' || p.oid::regprocedure, has_function_privilege('service_role', p.oid, 'execute')
        from pg_proc as p
        where p.oid in (
          to_regprocedure('public.supaqueue_turn(jsonb)'),
          to_regprocedure('public.end_current_job(uuid,boolean,boolean)')
        )
        union all
        select 'select, insert, update, delete on table supaqueue.job',
          has_table_privilege('service_role', 'supaqueue.job', 'select')
          and has_table_privilege('service_role', 'supaqueue.job', 'insert')
          and has_table_privilege('service_role', 'supaqueue.job', 'update')
          and has_table_privilege('service_role', 'supaqueue.job', 'delete')
      ) as needed
      where not needed.there`)
    if (lacking.length > 0) {
      return wrong(
        `service_role may not do what the dispatcher needs, so that no turn is taken. Somebody has revoked: ${
          lacking.map(({ right }) => right).join('; ')
        }`,
        `${
          lacking.map(({ statement }) => statement).join(' ')
        } Behind whatever revokes (such as a migration with revoke execute on all functions in schema public); ${INSTALL} grants it, too`,
      )
    }
    const shut = await db.query<{ right: string }>(`
      select format('%s on %s', door.role, p.oid::regprocedure) as right
      from (select distinct role from supaqueue.door) as door
      join pg_proc as p on p.oid in (
        to_regprocedure('public.supaqueue_enqueue(text,jsonb,text,timestamptz)'),
        to_regprocedure('public.supaqueue_status(bigint)'),
        to_regprocedure('public.supaqueue_cancel(bigint)'),
        to_regprocedure('public.supaqueue_signal(bigint,text,jsonb,text)')
      )
      where not has_function_privilege(door.role, p.oid, 'execute')`)
    if (shut.length > 0) {
      return wrong(
        `a door is open, and yet somebody has revoked execute from ${shut.map(({ right }) => right).join('; ')}`,
        'select supaqueue_internal.keep_doors(); Behind whatever revokes (such as a migration with revoke execute on all functions in schema public)',
      )
    }
    const open = await db.query<{ thing: string }>(`
      select role || ' may use ' || thing as thing
      from unnest('{anon,authenticated}'::text[]) as role
      cross join lateral (
        select 'the table supaqueue.' || c.relname as thing
        from pg_class as c
        where c.relnamespace = 'supaqueue'::regnamespace and c.relkind in ('r', 'v')
          and has_table_privilege(role, c.oid, 'select, insert, update, delete, truncate, references, trigger')
        union all
        select format('the sequence %s', c.oid::regclass)
        from pg_class as c
        where c.relnamespace in ('supaqueue'::regnamespace, 'supaqueue_internal'::regnamespace) and c.relkind = 'S'
          and has_sequence_privilege(role, c.oid, 'usage, select, update')
        union all
        select format('the schema %I', n.nspname)
        from pg_namespace as n
        where n.nspname in ('supaqueue', 'supaqueue_internal') and has_schema_privilege(role, n.oid, 'usage, create')
        union all
        select 'the function ' || p.oid::regprocedure::text
        from pg_proc as p
        where (p.pronamespace in ('supaqueue'::regnamespace, 'supaqueue_internal'::regnamespace) or p.oid = 'public.supaqueue_turn(jsonb)'::regprocedure)
          and has_function_privilege(role, p.oid, 'execute')
      ) as granted limit 5`)
    if (open.length > 0) {
      return wrong(open.map(({ thing }) => thing).join('; '), `${INSTALL} takes it back, or revoke by hand`)
    }
    return fine('service_role may, anon and authenticated may not')
  },
}

/** What somebody has put in the place of ours since: found by what the installer wrote down of each. */
export const unchangedCheck: Check = {
  name: 'functions',
  needs: ['schema', 'grants'],
  async inspect({ db }) {
    const [theirs] = await foreignFunctions(db)
    if (theirs) {
      return wrong(
        `there is a function of somebody else named ${theirs}: what the dispatcher or your functions call may be that one`,
        `alter function ${theirs} rename to another_name; then ${INSTALL}`,
      )
    }
    const units = unitsOf(await installedAddons(db.query))
    if ((await outdated(db.query, units)).length > 0) {
      return wrong('some are of another release than this one', 'pnpm supaqueue:upgrade')
    }
    const [written] = await db.query<{ count: number }>('select count(*)::integer as count from supaqueue.applied_file')
    if (!written?.count) return fine('installed by migrations of your own, and not compared')
    const changed = await differing(db.query, units)
    if (changed.length === 0) return fine('as they were installed')
    const names = [
      ...new Set(changed.map(({ kind, name }) => `${kind === 'trigger' ? 'the triggers of ' : ''}${name}`)),
    ]
    return wrong(
      `somebody has changed since what was installed: ${names.slice(0, 5).join(', ')}${
        names.length > 5 ? ` and ${names.length - 5} more` : ''
      }`,
      `${INSTALL} puts ours back. Does a migration of yours say otherwise? It would do it again`,
    )
  },
}
