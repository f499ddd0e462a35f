-- keep_rights: who may use what is in the schemas of supaqueue: service_role, and nobody else.
--
-- called by  the installer, whenever it has put functions in place
-- reads      pg_catalog
--
-- Said here once, for all that lies in the two schemas. The exceptions: trigger functions,
-- which nobody calls, and functions whose comment begins with "For the owner alone: ".
-- Functions in public or in the schema of an add-on say their rights themselves. What
-- you have granted to a role of your own stays, and goes over to what comes in place of a function
-- that is gone: the installer leaves in supaqueue.granted what was granted before it began. What
-- the platform gives to everybody, and grants on a whole schema to anon and authenticated, are taken back.

create or replace function supaqueue_internal.keep_rights()
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  change record;
begin
  for change in
    with routine as (
      select p.oid::regprocedure as signature, coalesce(p.proacl, acldefault('f', p.proowner)) as rights,
        p.prorettype <> 'trigger'::regtype
          and not starts_with(coalesce(obj_description(p.oid, 'pg_proc'), ''), 'For the owner alone: ') as callable
      from pg_proc as p
      where p.pronamespace in ('supaqueue'::regnamespace, 'supaqueue_internal'::regnamespace)
    ),
    held as (
      select routine.signature, granted.grantee
      from routine
      cross join lateral aclexplode(routine.rights) as granted
    ),
    known as (
      select role.grantee, role.name, role.name = 'service_role' as serves
      from (values
        (0::oid, 'public'), ('anon'::regrole::oid, 'anon'),
        ('authenticated'::regrole::oid, 'authenticated'), ('service_role'::regrole::oid, 'service_role')
      ) as role (grantee, name)
    )
    select routine.signature, known.name as role, known.serves and routine.callable as granted
    from routine
    cross join known
    left join held on held.signature = routine.signature and held.grantee = known.grantee
    where (held.signature is not null) <> (known.serves and routine.callable)
  loop
    if change.granted then
      execute format('grant execute on function %s to %I', change.signature, change.role);
    else
      execute format('revoke execute on function %s from %I', change.signature, change.role);
    end if;
  end loop;

  for change in
    select made.oid::regprocedure as signature, pg_get_userbyid(entry.role) as role, case when entry.grantable then ' with grant option' else '' end as option
    from jsonb_to_recordset(nullif(current_setting('supaqueue.granted', true), '')::jsonb) as entry (function oid, schema text, name text, known oid[], role oid, grantable boolean)
    join pg_proc as made on made.proname = entry.name and made.pronamespace = to_regnamespace(entry.schema) and made.oid <> all (entry.known)
    where not exists (select from pg_proc where pg_proc.oid = entry.function) and exists (select from pg_roles where pg_roles.oid = entry.role)
  loop
    execute format('grant execute on function %s to %I%s', change.signature, change.role, change.option);
  end loop;
  perform set_config('supaqueue.granted', '', false);

  -- Schemas, tables, columns, views, sequences: what service_role has of them, migrations say. Row level security does not hold
  -- back who may truncate, or put a trigger on a table.
  for change in
    with held as (
      select format('schema %I', n.nspname) as thing, granted.grantee
      from pg_namespace as n cross join lateral aclexplode(n.nspacl) as granted
      where n.nspname in ('supaqueue', 'supaqueue_internal')
      union
      select format('%s %s', case c.relkind when 'S' then 'sequence' else 'table' end, c.oid::regclass), granted.grantee
      from pg_class as c
      cross join lateral (
        select c.relacl as rights
        union all select a.attacl from pg_attribute as a where a.attrelid = c.oid and a.attacl is not null
      ) as listed
      cross join lateral aclexplode(listed.rights) as granted
      where c.relnamespace in ('supaqueue'::regnamespace, 'supaqueue_internal'::regnamespace) and c.relkind in ('r', 'v', 'S')
    )
    select held.thing, case when held.grantee = 0 then 'public' else held.grantee::regrole::text end as role
    from held
    where held.grantee in (0, 'anon'::regrole, 'authenticated'::regrole)
  loop
    execute format('revoke all on %s from %s cascade', change.thing, change.role);
  end loop;
end;
$$;

comment on function supaqueue_internal.keep_rights() is 'For the owner alone: lets service_role use what is in the schemas of supaqueue, and nobody else.';
