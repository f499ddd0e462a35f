-- time_is_up: whether a chore that goes row by row is to leave the others to the next sweep.
--
-- called by  chores, after each row; `since` is when they began
--
-- False: the core alone does all there is, however long that takes.

create or replace function supaqueue_internal.time_is_up(since timestamptz)
returns boolean
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select false
$$;

comment on function supaqueue_internal.time_is_up(timestamptz) is 'Whether a chore that goes row by row is to leave the others to the next sweep.';
