-- pause_hook: a hook captures nothing, until it is resumed.
--
-- called by  users
-- writes     supaqueue.hook
--
-- What changes meanwhile becomes no job, also not later. To capture and hold instead: supaqueue.pause(queue).
-- Returns since when. Security definer: nobody but the owner writes hooks, and this writes nothing of what they run.
-- Errors: SQ404.

create or replace function supaqueue.pause_hook(name text, reason text default null)
returns timestamptz
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  since timestamptz;
begin
  update supaqueue.hook
  set enabled = false, off_since = coalesce(hook.off_since, clock_timestamp()), off_reason = pause_hook.reason
  where hook.name = pause_hook.name
  returning hook.off_since into since;
  if since is null then
    perform supaqueue_internal.refuse_hook(pause_hook.name);
  end if;
  return since;
end;
$$;

comment on function supaqueue.pause_hook(text, text) is 'A hook captures nothing, until it is resumed.';
