-- is_own_project: whether the dispatcher of a project may have jobs of this database.
--
-- True: the core does not ask whose copy it is.

create or replace function supaqueue_internal.is_own_project(project text)
returns boolean
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  return true;
end;
$$;

comment on function supaqueue_internal.is_own_project(text) is 'Whether the dispatcher of a project may have jobs of this database.';
