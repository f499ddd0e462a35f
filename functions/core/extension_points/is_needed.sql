-- is_needed: whether a finished job must stay, however old it is.
--
-- called by  modules, before they delete it
--
-- False: in the core nothing refers to a finished job.

create or replace function supaqueue_internal.is_needed(job bigint)
returns boolean
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
  return false;
end;
$$;

comment on function supaqueue_internal.is_needed(bigint) is 'Whether a finished job must stay, however old it is.';
