-- drop_hook: drops the functions of a hook, and its triggers with them.
--
-- By the function, since the table may be somebody else's.

create or replace function supaqueue_internal.drop_hook(hook uuid)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
set client_min_messages = warning
as $$
begin
  execute format('drop function if exists supaqueue_internal.%I() cascade', supaqueue_internal.hook_routine(drop_hook.hook));
  execute format('drop function if exists supaqueue_internal.%I(record, record)', supaqueue_internal.hook_routine(drop_hook.hook) || '_when');
end;
$$;

comment on function supaqueue_internal.drop_hook(uuid) is 'For the owner alone: drops the functions of a hook, and its triggers with them.';
