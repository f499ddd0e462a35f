import { OWN_SCHEMAS } from '../database/own.ts'
import { type Check, fine, wrong } from './check.ts'

type Bound = { table: string; function: string; signature: string; role: string; definer: boolean }

/**
 * Triggers of the user's own that name supaqueue and run with the rights of whoever writes: for users of the app, that write then
 * fails by "permission denied for schema supaqueue".
 */
export const triggersCheck: Check = {
  name: 'triggers',
  needs: ['schema'],
  async inspect({ db }) {
    const bound = await db.query<Bound>(
      `select distinct on (1, 2) c.oid::regclass::text as "table", p.proname as "function", p.oid::regprocedure::text as signature,
         caller.name as role, p.prosecdef as definer
       from pg_trigger as t
       join pg_class as c on c.oid = t.tgrelid
       join pg_proc as p on p.oid = t.tgfoid
       -- Whoever may write the table, by the bits of the trigger's kind; or whom the function runs as.
       cross join lateral (
         select r.rolname as name
         from pg_roles as r
         where case
           when p.prosecdef then r.oid = p.proowner
           else r.rolname in ('authenticated', 'anon', 'supabase_auth_admin', 'supabase_storage_admin') and has_table_privilege(
             r.oid, c.oid, concat_ws(',', case when t.tgtype & 4 > 0 then 'INSERT' end, case when t.tgtype & 8 > 0 then 'DELETE' end,
               case when t.tgtype & 16 > 0 then 'UPDATE' end, case when t.tgtype & 32 > 0 then 'TRUNCATE' end))
         end
       ) as caller
       where not t.tgisinternal and t.tgenabled <> 'D'
         and c.relnamespace not in (select n.oid from pg_namespace as n where n.nspname = any ($1))
         and p.pronamespace not in (select n.oid from pg_namespace as n where n.nspname = any ($1))
         and p.prosrc ~* '\\msupaqueue"?\\s*\\.'
         and not has_schema_privilege(caller.name, 'supaqueue', 'usage')
       order by 1, 2, caller.name = 'authenticated' desc`,
      [OWN_SCHEMAS],
    )
    const [first] = bound
    if (!first) return fine('none of yours enqueues without the right to')
    const others = bound.length === 1 ? '' : `; ${bound.length - 1} more triggers likewise`
    return wrong(
      first.definer
        ? `the trigger function ${first.signature} on ${first.table} runs as ${first.role}, who may not enqueue: permission denied for schema supaqueue${others}`
        : `the trigger function ${first.signature} runs as whoever writes ${first.table}: for ${first.role} that write fails with permission denied for schema supaqueue${others}`,
      first.definer
        ? `alter function ${first.signature} owner to postgres; see docs/triggers.md`
        : `alter function ${first.signature} security definer set search_path = ''; and name what it uses with its schema: docs/triggers.md`,
    )
  },
}
