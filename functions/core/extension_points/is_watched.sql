-- is_watched: whether something of the user's runs with each row that the queue writes.
--
-- called by  chores, once they have something to do
--
-- False: the core alone writes all rows at once, however long that takes.

create or replace function supaqueue_internal.is_watched()
returns boolean
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select false
$$;

comment on function supaqueue_internal.is_watched() is 'Whether something of the user runs with each row that the queue writes.';
