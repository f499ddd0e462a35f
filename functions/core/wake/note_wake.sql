-- note_wake: note that a run was woken for a queue and is on its way.
--
-- called by  ensure_run, supaqueue_turn, sweep; always beside a wake-up
-- writes     supaqueue.heartbeat
--
-- For five seconds no enqueue needs to wake one. If the wake-up is lost, the next sweep a
-- second later or more wakes one again, or the next enqueue after that time.

create or replace function supaqueue_internal.note_wake(queue uuid)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  update supaqueue.heartbeat
  set run = null, awake_until = clock_timestamp() + interval '5 seconds', woken_at = clock_timestamp()
  where heartbeat.queue = (
    select held.queue from supaqueue.heartbeat as held where held.queue = note_wake.queue for update skip locked
  );
end;
$$;

comment on function supaqueue_internal.note_wake(uuid) is 'Notes that a run was woken for a queue and is on its way.';
