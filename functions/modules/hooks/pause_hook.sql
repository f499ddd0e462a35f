-- pause_hook: a hook captures nothing, until it is resumed.
--
-- called by  users
-- writes     what switch_hook writes
--
-- What changes meanwhile becomes no job, also not later. To capture and hold instead: supaqueue.pause(queue).
-- Returns since when. Errors: SQ404.

create or replace function supaqueue.pause_hook(name text, reason text default null)
returns timestamptz
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  return (supaqueue_internal.switch_hook(pause_hook.name, false, pause_hook.reason) ->> 'since')::timestamptz;
end;
$$;

comment on function supaqueue.pause_hook(text, text) is 'Pauses a hook: it captures nothing until it is resumed.';
