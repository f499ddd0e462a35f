import { appliedMigrations, newerMigrations, pendingMigrations } from '../project/ledger.ts'
import { occupantOf, strangerError } from '../project/occupant.ts'
import { extensions, missing } from '../steps/extensions.ts'
import { type Check, fine, INSTALL, wrong } from './check.ts'

export const extensionsCheck: Check = {
  name: 'extensions',
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
    const [service] = await db.query<{ ok: boolean }>(`
      select has_schema_privilege('service_role', 'supaqueue', 'usage')
        and has_schema_privilege('service_role', 'supaqueue_internal', 'usage')
        and has_function_privilege('service_role', 'public.supaqueue_turn(jsonb)', 'execute')
        and has_table_privilege('service_role', 'supaqueue.job', 'select, insert, update, delete') as ok`)
    if (!service?.ok) return wrong('service_role may not do what the dispatcher needs', INSTALL)
    const open = await db.query<{ thing: string }>(`
      select role || ' may use ' || thing as thing
      from unnest('{anon,authenticated}'::text[]) as role
      cross join lateral (
        select 'the table supaqueue.' || c.relname as thing
        from pg_class as c
        where c.relnamespace = 'supaqueue'::regnamespace and c.relkind in ('r', 'v')
          and has_table_privilege(role, c.oid, 'select, insert, update, delete')
        union all
        select 'the function ' || p.oid::regprocedure::text
        from pg_proc as p
        where (p.pronamespace in ('supaqueue'::regnamespace, 'supaqueue_internal'::regnamespace) or p.oid = 'public.supaqueue_turn(jsonb)'::regprocedure)
          and has_function_privilege(role, p.oid, 'execute')
      ) as granted limit 5`)
    if (open.length > 0) {
      return wrong(open.map(({ thing }) => thing).join('; '), `${INSTALL} (revokes for functions), or revoke by hand`)
    }
    return fine('service_role may, anon and authenticated may not')
  },
}
