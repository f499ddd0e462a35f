-- net_fault: why nothing may be posted through pg_net: code of a stranger's would run
-- with our rights.
--
-- read by    wake, which holds net.http_request_queue; health; doctor
--
-- Null when all is well. A trigger's function runs as whoever inserts, or, deferred, as
-- whoever commits: the owner, service_role, the user. So there may be no trigger at all,
-- whoever made it: one that looks harmless may name a function with arguments of a
-- stranger's choice. And net.http_post itself must be the extension's, a superuser's or
-- ours: where pg_net is missing, whoever may create schemas could take its place.
--
-- A snapshot of the past does not show a trigger that was added since. The row in pg_class
-- does, by its xmax: the first trigger of a table changes it.
--
-- A view, so that an insert into a sleeping queue calls one function less.

create or replace view supaqueue_internal.net_fault with (security_invoker = true) as
select coalesce(
  (
    select format(
      'the trigger %I on net.http_request_queue runs %I.%I(%s) of %I with the rights of whoever enqueues',
      pg_trigger.tgname, pg_namespace.nspname, pg_proc.proname, pg_get_function_identity_arguments(pg_proc.oid),
      pg_get_userbyid(pg_proc.proowner)
    )
    from pg_trigger
    join pg_proc on pg_proc.oid = pg_trigger.tgfoid
    join pg_namespace on pg_namespace.oid = pg_proc.pronamespace
    where pg_trigger.tgrelid = to_regclass('net.http_request_queue')
    order by pg_trigger.tgname
    limit 1
  ),
  case
    when current_setting('transaction_isolation') <> 'read committed' and not exists (
      select
      from pg_class
      where pg_class.oid = to_regclass('net.http_request_queue') and not pg_class.relhastriggers and pg_class.xmax = 0
    )
    then format('whether net.http_request_queue has triggers cannot be seen under %s', current_setting('transaction_isolation'))
    when not exists (
      select
      from pg_proc
      join pg_roles on pg_roles.oid = pg_proc.proowner
      where pg_proc.oid = to_regprocedure('net.http_post(text, jsonb, jsonb, jsonb, integer)')
        and (
          pg_roles.rolsuper
          or pg_roles.rolname = current_user
          or exists (
            select
            from pg_depend
            where pg_depend.classid = 'pg_proc'::regclass and pg_depend.objid = pg_proc.oid and pg_depend.deptype = 'e'
          )
        )
    )
    then 'net.http_post is not the function of pg_net'
  end
) as fault;

comment on view supaqueue_internal.net_fault is 'Why nothing may be posted through pg_net; null when all is well.';
revoke all on supaqueue_internal.net_fault from public, anon, authenticated;
grant select on supaqueue_internal.net_fault to service_role;
