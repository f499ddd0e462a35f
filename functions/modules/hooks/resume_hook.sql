-- resume_hook: a hook captures again.
--
-- called by  users
-- writes     what switch_hook writes
--
-- Returns whether it was paused. Errors: SQ404.

create or replace function supaqueue.resume_hook(name text)
returns boolean
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  return not (supaqueue_internal.switch_hook(resume_hook.name, true) ->> 'was')::boolean;
end;
$$;

comment on function supaqueue.resume_hook(text) is 'Resumes a hook. Returns whether it was paused.';
