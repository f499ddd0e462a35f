-- hook_routine: what the trigger function of a hook is called. Its `when` is a function of its own, `<name>_when`.
--
-- called by  whoever makes, drops or looks for it

create or replace function supaqueue_internal.hook_routine(hook uuid)
returns text
language sql
immutable
set search_path = pg_catalog, pg_temp
as $$
  select 'hook_' || replace(hook_routine.hook::text, '-', '')
$$;

comment on function supaqueue_internal.hook_routine(uuid) is 'What the trigger function of a hook is called.';
