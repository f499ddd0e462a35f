-- net_fault: why nothing may be posted through pg_net: code of a stranger's would run
-- with our rights.
--
-- expects    that its caller holds net.http_request_queue, where it is about to post
-- reads      the catalogs
--
-- Null when all is well. A trigger's function runs as whoever inserts, or, deferred, as
-- whoever commits: the owner, service_role, the user. So there may be no trigger at all,
-- whoever made it: one that looks harmless may name a function with arguments of a
-- stranger's choice. And net.http_post itself must be the extension's, a superuser's or
-- ours: where pg_net is missing, whoever may create schemas could take its place.
--
-- A snapshot of the past does not show a trigger that was added since. The row in pg_class
-- does, by its xmax: the first trigger of a table changes it.

create or replace function supaqueue_internal.net_fault()
returns text
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  queue constant oid := to_regclass('net.http_request_queue');
  post constant oid := to_regprocedure('net.http_post(text, jsonb, jsonb, jsonb, integer)');
  fault text;
begin
  select format(
    'the trigger %I on net.http_request_queue runs %s of %I with the rights of whoever enqueues',
    pg_trigger.tgname, pg_proc.oid::regprocedure, pg_get_userbyid(pg_proc.proowner)
  )
  into fault
  from pg_trigger
  join pg_proc on pg_proc.oid = pg_trigger.tgfoid
  where pg_trigger.tgrelid = queue
  order by pg_trigger.tgname
  limit 1;
  if fault is not null then
    return fault;
  end if;

  if current_setting('transaction_isolation') <> 'read committed' and not exists (
    select from pg_class where pg_class.oid = queue and not pg_class.relhastriggers and pg_class.xmax = 0
  ) then
    return format('whether net.http_request_queue has triggers cannot be seen under %s', current_setting('transaction_isolation'));
  end if;

  if not exists (
    select
    from pg_proc
    join pg_roles on pg_roles.oid = pg_proc.proowner
    where pg_proc.oid = post
      and (
        pg_roles.rolsuper
        or pg_roles.rolname = current_user
        or exists (
          select from pg_depend
          where pg_depend.classid = 'pg_proc'::regclass and pg_depend.objid = post and pg_depend.deptype = 'e'
        )
      )
  ) then
    return 'net.http_post is not the function of pg_net';
  end if;
  return null;
end;
$$;

comment on function supaqueue_internal.net_fault() is 'Why nothing may be posted through pg_net; null when all is well.';
