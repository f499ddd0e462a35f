-- may_take_turns: whether a role may take turns though it is neither service_role nor the owner.
--
-- False: in the core nobody else may.

create or replace function supaqueue_internal.may_take_turns(role oid)
returns boolean
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
  return false;
end;
$$;

comment on function supaqueue_internal.may_take_turns(oid) is 'Whether a role may take turns though it is neither service_role nor the owner.';
