-- sweep: the periodic look for what no event announced.
--
-- called by  pg_cron every ten seconds, and by hand
-- writes     supaqueue.last_sweep, supaqueue.queue, supaqueue.job, supaqueue.current_job, supaqueue.worker, supaqueue.pulse,
--            supaqueue.counter, supaqueue.counter_delta
--
-- Ends pauses whose time is over. Takes back leases that ran out: a claim that was not known to be called costs no
-- attempt, three times; one that was counts as an attempt of unknown outcome. Then ticks every
-- queue that has work, a free worker and nobody awake: planned jobs that are due,
-- lost ticks, runs that died. At last it looks again at dependencies, enqueues what
-- schedules bring, prunes, and adds up what happened. Skips what others hold; at most
-- `most` of each, and ten times that of what is pruned, unless two seconds are over before.

create or replace function supaqueue.sweep(most integer default 1000, out leases_lost integer, out queues_ticked integer)
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  lost jsonb;
  freed uuid[];
  unsettled uuid[];
  forsaken uuid;
  begun_at constant timestamptz := clock_timestamp();
begin
  -- Their wire rings them at the end of this transaction.
  update supaqueue.queue
  set paused = false, paused_until = null, paused_reason = null
  where queue.id = any (array(
    select over.id from supaqueue.queue as over
    where over.paused and over.paused_until <= clock_timestamp()
    for no key update skip locked
  ));

  select coalesce(jsonb_agg(jsonb_build_object(
    'token', expired.id,
    'queue', expired.queue,
    'outcome', case when expired.was_called then 'unknown' else 'not_run' end,
    'error', case
      when expired.was_called then 'the call was not reported before its lease ran out'
      when expired.dispatcher is null then 'no run of the dispatcher came for it'
      else 'its run ended before it was known to have called' end,
    'lost', expired.dispatcher is not null and not expired.was_called,
    'retry_after_ms', case when not expired.was_called then 0 end
  )), '[]')
  into lost
  from (
    select
      current_job.id, current_job.queue, current_job.dispatcher,
      -- Given to a run that never said so, it may have been called all the same: three times that is passed over.
      current_job.called or current_job.dispatcher is not null and coalesce(
        (select job.lost_claims from supaqueue.job where job.id = current_job.job), 0
      ) >= 3 as was_called
    from supaqueue.current_job
    where current_job.lease_until < clock_timestamp()
    order by current_job.lease_until
    limit sweep.most
    for update skip locked
  ) as expired;

  leases_lost := 0;
  if lost <> '[]' then
    select outcome.freed, outcome.again || outcome.stale into freed, unsettled from supaqueue_internal.report(lost) as outcome;
    leases_lost := jsonb_array_length(lost) - cardinality(unsettled);
    perform supaqueue_internal.count_lost(lost, unsettled);

    update supaqueue.worker set locked = false where worker.id = any (freed);
  end if;

  queues_ticked := 0;
  for forsaken in
    select candidate.id
    from supaqueue.queue as candidate
    join supaqueue.pulse on pulse.queue = candidate.id
    where (
        pulse.awake_until is null
        or pulse.awake_until <= clock_timestamp()
        -- The clock was set back: nobody keeps a queue awake for so long.
        or pulse.awake_until >= clock_timestamp() + interval '1 minute'
        -- A run was called and has not come: its tick is lost, unless it is still on its way.
        or pulse.run is null and pulse.ticked_at <= clock_timestamp() - interval '1 second'
      )
      -- What is cheap comes first: most queues have nothing at all.
      and case
        when exists (select from supaqueue.job where job.queue = candidate.id and job.status = 'pending')
          or exists (select from supaqueue.current_job where current_job.queue = candidate.id and current_job.dispatcher is null)
        then supaqueue_internal.is_forsaken(candidate)
      end
  loop
    if supaqueue_internal.tick(forsaken) then
      perform supaqueue_internal.expect_run(forsaken);
      queues_ticked := queues_ticked + 1;
    end if;
  end loop;

  -- Leases and ticks come first, and stay whatever goes wrong here. Jobs that are
  -- enqueued ring at the end of this transaction.
  begin
    perform supaqueue_internal.look_again(sweep.most);
    perform supaqueue_internal.keep_schedules();
    if current_setting('transaction_isolation') = 'read committed' then
      -- As many small batches as there is time for: what was done above is seen when this ends.
      for batch in 1 .. 10 loop
        exit when supaqueue.prune(sweep.most) < sweep.most or clock_timestamp() > begun_at + interval '2 seconds';
      end loop;
    end if;
  exception when others then
    raise warning using
      errcode = 'SQ503',
      message = format('the sweep could not keep schedules or prune: %s', sqlerrm),
      hint = 'It tries again in ten seconds. select supaqueue_internal.keep_schedules(); and select supaqueue.prune(); show what is wrong.';
  end;

  begin
    perform supaqueue_internal.count_enqueued();
    perform supaqueue_internal.fold_counters();
  exception when others then
    raise warning using
      errcode = 'SQ503',
      message = format('the sweep could not add up what happened: %s', sqlerrm),
      hint = 'Nothing is lost, and it tries again in ten seconds. select supaqueue_internal.count_enqueued(), supaqueue_internal.fold_counters(); shows what is wrong.';
  end;

  -- Two sweeps at once: the one that comes second need not say so.
  if not exists (select from supaqueue.last_sweep) then
    insert into supaqueue.last_sweep values (true, begun_at, 0, 0, 0) on conflict do nothing;
  end if;
  update supaqueue.last_sweep
  set
    swept_at = begun_at,
    ms = extract(epoch from clock_timestamp() - begun_at) * 1000,
    leases_lost = sweep.leases_lost,
    queues_ticked = sweep.queues_ticked
  where last_sweep.only_one = (select held.only_one from supaqueue.last_sweep as held for no key update skip locked);
end;
$$;

comment on function supaqueue.sweep(integer) is 'Takes back lost leases and ticks queues that have work and nobody awake.';
revoke execute on function supaqueue.sweep(integer) from public, anon, authenticated;
grant execute on function supaqueue.sweep(integer) to service_role;
