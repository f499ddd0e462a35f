-- fall_asleep: the leader puts its queue to sleep, if nothing is left to do.
--
-- reads      supaqueue.queue, supaqueue.worker, supaqueue.current_job, and what count_due reads
-- writes     supaqueue.heartbeat
--
-- The other half of the promise in ensure_run: only with the lock exclusive, which
-- means that nobody who relied on the heartbeat has yet to commit, and after one more
-- look. Waits for nobody: refused is no.
--
-- For jobs that are planned within the time of next_look, `run` is to come back: it waits without leading, so whoever
-- enqueues meanwhile wakes a run. `back_in_ms` is how long it can wait at most; without, it stays awake for them.
--
-- Returns null if the queue stays awake. Else it sleeps now: 0, or in how many milliseconds the run is to come back.

create or replace function supaqueue_internal.fall_asleep(queue uuid, run uuid, back_in_ms integer default 0)
returns integer
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  at timestamptz;
  early timestamptz;
  late timestamptz;
  middle timestamptz;
  back integer := 0;
begin
  if not pg_try_advisory_xact_lock(1398100049, uuid_hash(fall_asleep.queue)) then
    return null;
  end if;

  -- The clock is read after the lock: run_at defaults to a time before it.
  at := clock_timestamp();

  if exists (select from supaqueue.queue where queue.id = fall_asleep.queue and not queue.paused) then
    -- Current jobs without a run are there when a queue was paused and resumed.
    if exists (
      select from supaqueue.current_job
      where current_job.queue = fall_asleep.queue and current_job.dispatcher is null
    ) then
      return null;
    end if;
    -- Without a free worker there is nothing to stay awake for: the turn that frees one looks itself.
    late := supaqueue_internal.next_look(fall_asleep.queue);
    if exists (select from supaqueue.worker where worker.queue = fall_asleep.queue and not worker.locked)
      and supaqueue_internal.count_due(fall_asleep.queue, late) > 0
    then
      if fall_asleep.back_in_ms < 250 or supaqueue_internal.count_due(fall_asleep.queue, at) > 0 then
        return null;
      end if;
      -- When, nobody says but count_due: limits, lines and batches have their part in it. To a hundredth of a second, and
      -- rather too late: a turn that comes too early is one more.
      early := at;
      while late > early + interval '10 milliseconds' loop
        middle := early + (late - early) / 2;
        if supaqueue_internal.count_due(fall_asleep.queue, middle) > 0 then
          late := middle;
        else
          early := middle;
        end if;
      end loop;
      back := ceil(date_part('epoch', late - clock_timestamp()) * 1000);
      if back < 250 or back > fall_asleep.back_in_ms then
        return null;
      end if;
    end if;
  end if;

  update supaqueue.heartbeat
  set
    run = null,
    awake_until = null,
    back_run = case when back > 0 then fall_asleep.run end,
    -- Nothing is due before: who sweeps or enqueues looks no further.
    back_at = case when back > 0 then early end
  where heartbeat.queue = (
    select held.queue from supaqueue.heartbeat as held join supaqueue.queue as home on home.id = held.queue
    where held.queue = fall_asleep.queue and held.run = fall_asleep.run
    for update of held skip locked for key share of home skip locked
  );
  return case when found then back end;
end;
$$;

comment on function supaqueue_internal.fall_asleep(uuid, uuid, integer) is 'The leader puts its queue to sleep, if nothing is left to do. Returns null if it did not; else in how many milliseconds it is to come back, or 0.';
