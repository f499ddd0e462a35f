-- time_is_up: whether a chore that goes row by row is to leave the others to the next sweep.
--
-- called by  chores, after each row; `since` is when they began
--
-- In place of the core's default. After a second: what is committed late is late for all queues. After ten where a row has
-- waited for a lock, for all at once and by itself: those after it hardly wait (lock_timed_out).

create or replace function supaqueue_internal.time_is_up(since timestamptz)
returns boolean
language sql
volatile
set search_path = pg_catalog, pg_temp
as $$
  select clock_timestamp() > time_is_up.since + case
    when supaqueue_internal.lock_timed_out() then interval '10 seconds' else interval '1 second' end
$$;

comment on function supaqueue_internal.time_is_up(timestamptz) is 'Whether a chore that goes row by row is to leave the others to the next sweep.';
