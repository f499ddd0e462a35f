-- may_take_turns: whether a role may take turns though it is neither service_role nor the owner.
--
-- In place of the core's default.

create or replace function supaqueue_internal.may_take_turns(role oid)
returns boolean
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
  return has_function_privilege(may_take_turns.role, 'supaqueue_internal.direct_turn(jsonb)', 'execute');
end;
$$;

comment on function supaqueue_internal.may_take_turns(oid) is 'Whether a role may take turns though it is neither service_role nor the owner.';
