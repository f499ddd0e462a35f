-- ask_for_runs: more seats and due jobs than the leader has lanes, so further
-- runs are needed.
--
-- called by  supaqueue_turn, when a leader has no room left
-- writes     supaqueue.pulse, pg_net's request queue
--
-- One tick for as many jobs as one run has lanes, and once a second at most:
-- pg_net needs about that long to bring one.

create or replace function supaqueue_internal.ask_for_runs(queue uuid)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  at constant timestamptz := clock_timestamp();
  seats integer;
begin
  if not exists (select from supaqueue.worker where worker.queue = ask_for_runs.queue and not worker.locked) then
    return;
  end if;

  -- A clock that was set back leaves a tick in the future.
  perform
  from supaqueue.pulse
  where pulse.queue = ask_for_runs.queue
    and pulse.ticked_at not between at - interval '1 second' and at + interval '1 minute'
  for no key update skip locked;
  if not found then
    return;
  end if;

  seats := (
    select count(*)
    from (select from supaqueue.worker where worker.queue = ask_for_runs.queue and not worker.locked limit supaqueue_internal.lanes() * 8) as free_worker
  );
  seats := supaqueue_internal.count_due(ask_for_runs.queue, at, seats);
  if seats = 0 then
    return;
  end if;

  update supaqueue.pulse set ticked_at = at where pulse.queue = ask_for_runs.queue;
  perform supaqueue_internal.tick(ask_for_runs.queue, seats);
end;
$$;

comment on function supaqueue_internal.ask_for_runs(uuid) is 'Ticks for further runs when a leader has no room for all that is due.';
revoke execute on function supaqueue_internal.ask_for_runs(uuid) from public, anon, authenticated;
grant execute on function supaqueue_internal.ask_for_runs(uuid) to service_role;
