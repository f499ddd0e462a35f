-- listen: the leader found nothing, and from now on waits to be told rather than looks.
--
-- reads      supaqueue.queue, supaqueue.heartbeat, and what count_due reads
-- writes     supaqueue.heartbeat, at most once a second
--
-- Returns after how many milliseconds it is to look again, if nobody tells it of anything; null when it is to look
-- as often as one that hears nothing. The promise in ensure_run holds as for a queue that falls asleep: only with
-- the lock exclusive, and after one more look. Waits for nobody: refused, it looks again at once, for whoever
-- refused it may have relied on that.

create or replace function supaqueue_internal.listen(queue uuid, run uuid)
returns integer
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  at timestamptz := clock_timestamp();
  heard_until constant timestamptz := (
    select heartbeat.listens_until from supaqueue.heartbeat where heartbeat.queue = listen.queue and heartbeat.run = listen.run
  );
  renews constant boolean := heard_until between at + interval '1 second' and at + interval '2 seconds' is not true;
begin
  if renews then
    if not supaqueue_internal.may_notify() then
      return null;
    end if;
    if not pg_try_advisory_xact_lock(1398100049, uuid_hash(listen.queue)) then
      return 5;
    end if;
    -- The clock is read after the lock: run_at defaults to a time before it.
    at := clock_timestamp();
  end if;

  -- Nobody tells of a planned job whose time has come. Current jobs without a run are there when a queue was paused and
  -- resumed.
  if exists (select from supaqueue.current_job where current_job.queue = listen.queue and current_job.dispatcher is null)
    or exists (select from supaqueue.worker where worker.queue = listen.queue and not worker.locked)
    and supaqueue_internal.count_due(listen.queue, at + interval '2 seconds') > 0
  then
    return null;
  end if;

  if renews then
    update supaqueue.heartbeat
    set listens_until = at + interval '2 seconds'
    where heartbeat.queue = (
      select held.queue from supaqueue.heartbeat as held join supaqueue.queue as home on home.id = held.queue
      where held.queue = listen.queue and held.run = listen.run
      for update of held skip locked for key share of home skip locked
    );
    if not found then
      return null;
    end if;
  end if;
  return 1000;
end;
$$;

comment on function supaqueue_internal.listen(uuid, uuid) is 'The leader waits to be told of jobs. Returns when it is to look again, in milliseconds.';
