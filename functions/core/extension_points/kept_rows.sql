-- kept_rows: the rows of a table that could not be deleted, and are not yet to be tried again.
--
-- called by  chores that forget what is old
--
-- None: the core deletes all at once, or none.

create or replace function supaqueue_internal.kept_rows(relation regclass)
returns tid[]
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select '{}'::tid[]
$$;

comment on function supaqueue_internal.kept_rows(regclass) is 'The rows of a table that could not be deleted, and are not yet to be tried again.';
