-- hook_trigger: what the trigger of a hook for one event is called.
--
-- called by  whoever makes or looks for it

create or replace function supaqueue_internal.hook_trigger(hook uuid, event text)
returns text
language sql
immutable
set search_path = pg_catalog, pg_temp
as $$
  select concat('supaqueue_', left(replace(hook_trigger.hook::text, '-', ''), 12), '_', hook_trigger.event)
$$;

comment on function supaqueue_internal.hook_trigger(uuid, text) is 'What the trigger of a hook for one event is called.';
