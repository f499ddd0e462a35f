-- resume_hook: a hook captures again.
--
-- called by  users
-- writes     supaqueue.hook
--
-- Returns whether it was paused. Security definer: as pause_hook. Errors: SQ404.

create or replace function supaqueue.resume_hook(name text)
returns boolean
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  was boolean;
begin
  select not hook.enabled into was from supaqueue.hook where hook.name = resume_hook.name for update;
  if was is null then
    perform supaqueue_internal.refuse_hook(resume_hook.name);
  end if;
  update supaqueue.hook set enabled = true, off_since = null, off_reason = null
  where hook.name = resume_hook.name and not hook.enabled;
  return was;
end;
$$;

comment on function supaqueue.resume_hook(text) is 'A hook captures again. Returns whether it was paused.';
