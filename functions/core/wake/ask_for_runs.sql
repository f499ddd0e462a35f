-- ask_for_runs: more workers and due jobs than the leader may call at once, so further
-- runs are needed.
--
-- writes     supaqueue.heartbeat, pg_net's request queue
--
-- One wake-up for as many jobs as one run calls at once, and once a second at most:
-- pg_net needs about that long to bring one.

create or replace function supaqueue_internal.ask_for_runs(queue uuid)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  at constant timestamptz := clock_timestamp();
  workers integer;
begin
  if not exists (select from supaqueue.worker where worker.queue = ask_for_runs.queue and not worker.locked) then
    return;
  end if;

  -- A clock that was set back leaves a wake-up in the future.
  perform
  from supaqueue.heartbeat
  where heartbeat.queue = ask_for_runs.queue
    and heartbeat.woken_at not between at - interval '1 second' and at + interval '1 minute'
  for no key update skip locked;
  if not found then
    return;
  end if;

  workers := (
    select count(*)
    from (select from supaqueue.worker where worker.queue = ask_for_runs.queue and not worker.locked limit supaqueue_internal.concurrency() * 8) as free_worker
  );
  workers := supaqueue_internal.count_due(ask_for_runs.queue, at, workers);
  if workers = 0 then
    return;
  end if;

  update supaqueue.heartbeat set woken_at = at where heartbeat.queue = ask_for_runs.queue;
  perform supaqueue_internal.wake(ask_for_runs.queue, workers);
end;
$$;

comment on function supaqueue_internal.ask_for_runs(uuid) is 'Wakes further runs when a leader has no room for all that is due.';
