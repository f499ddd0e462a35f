-- fall_asleep: the leader puts its queue to sleep, if nothing is left to do.
--
-- called by  supaqueue_turn
-- writes     supaqueue.heartbeat
--
-- The other half of the promise in ensure_run: only with the lock exclusive, which
-- means that nobody who relied on the heartbeat has yet to commit, and after one more
-- look. Returns whether the queue sleeps now. Waits for nobody: refused is no.

create or replace function supaqueue_internal.fall_asleep(queue uuid, run uuid)
returns boolean
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  at timestamptz;
begin
  if not supaqueue_internal.lock_sleep(fall_asleep.queue, exclusive => true) then
    return false;
  end if;

  -- The clock is read after the lock: run_at defaults to a time before it.
  at := clock_timestamp();

  -- Fifteen seconds ahead, so that the sweep, which comes every ten and may be late, finds every planned
  -- job before its time: the run that it wakes waits here until then. Without a free worker
  -- there is nothing to stay awake for: the turn that frees one looks itself.
  -- Current jobs without a run are there when a queue was paused and resumed.
  if exists (select from supaqueue.queue where queue.id = fall_asleep.queue and not queue.paused)
    and (
      exists (
        select from supaqueue.current_job
        where current_job.queue = fall_asleep.queue and current_job.dispatcher is null
      )
      or exists (select from supaqueue.worker where worker.queue = fall_asleep.queue and not worker.locked)
      and supaqueue_internal.count_due(fall_asleep.queue, at + interval '15 seconds') > 0
    )
  then
    return false;
  end if;

  update supaqueue.heartbeat
  set run = null, awake_until = null
  where heartbeat.queue = (
    select held.queue
    from supaqueue.heartbeat as held
    where held.queue = fall_asleep.queue
      and held.run = fall_asleep.run
    for update skip locked
  );
  return found;
end;
$$;

comment on function supaqueue_internal.fall_asleep(uuid, uuid) is 'The leader puts its queue to sleep, if nothing is left to do. Returns whether it did.';
