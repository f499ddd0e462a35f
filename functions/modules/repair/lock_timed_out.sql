-- lock_timed_out: whether a row of this turn or sweep could not have a lock in time, so that those after it hardly wait for one.
--
-- hardly_wait of the core writes it, by the time that they wait.

create or replace function supaqueue_internal.lock_timed_out()
returns boolean
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
  return current_setting('lock_timeout') = '20ms';
end;
$$;

comment on function supaqueue_internal.lock_timed_out() is 'Whether a row of this turn or sweep could not have a lock in time.';
