-- fetchq_assert_server: refuses those that are not the server side of the app.
--
-- called by  the functions of fetchq that run as their owner
--
-- Whoever may run one of those would do what the owner may, and the platform's page on custom schemas has people grant
-- all routines of a schema that the Data API shows to anon.
--
-- Errors: SQ403.

create or replace function supaqueue_internal.fetchq_assert_server()
returns void
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
  -- Not current_user: that is the owner in here.
  caller constant name := coalesce(nullif(current_setting('role'), 'none'), session_user);
begin
  if not pg_has_role(caller, 'service_role', 'usage') then
    raise exception using
      errcode = 'SQ403',
      message = format('the role %s may not change what is notified of', quote_literal(caller)),
      hint = 'Nothing was changed. Ask with the rights of service_role.';
  end if;
end;
$$;

comment on function supaqueue_internal.fetchq_assert_server() is 'Refuses whoever has not the rights of service_role.';
