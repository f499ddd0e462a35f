-- fold_counters: what happened since the last sweep is added to what happened before.
--
-- called by  sweep
-- writes     supaqueue.counter, supaqueue.counter_delta
--
-- At most `most` deltas, and returns how many. What belongs to queues that are gone goes.
-- Whoever reads sees the same before and after. One at a time (advisory lock, space
-- 1398100035, which is 'SUPC'; the second has nothing to add), waits for nobody, and
-- writes nothing when nothing happened. Needs read committed, and does nothing else.

create or replace function supaqueue_internal.fold_counters(most integer default 20000)
returns integer
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  held uuid[];
  taken tid[];
begin
  if current_setting('transaction_isolation') <> 'read committed' or not pg_try_advisory_xact_lock(1398100035, 0) then
    return 0;
  end if;

  insert into supaqueue.counter (queue)
  select queue.id from supaqueue.queue where not exists (select from supaqueue.counter where counter.queue = queue.id)
  on conflict do nothing;

  held := array(
    select counter.queue from supaqueue.counter
    where counter.queue in (select counter_delta.queue from supaqueue.counter_delta)
    for no key update skip locked
  );
  taken := array(
    select counter_delta.ctid from supaqueue.counter_delta
    where counter_delta.queue = any (held)
      or not exists (select from supaqueue.queue where queue.id = counter_delta.queue)
    limit fold_counters.most
    for update skip locked
  );

  update supaqueue.counter
  set
    enqueued = counter.enqueued + recent.enqueued,
    begun = counter.begun + recent.begun,
    succeeded = counter.succeeded + recent.succeeded,
    failed = counter.failed + recent.failed,
    killed = counter.killed + recent.killed,
    retried = counter.retried + recent.retried,
    deferred = counter.deferred + recent.deferred,
    rescheduled = counter.rescheduled + recent.rescheduled,
    dropped = counter.dropped + recent.dropped,
    leases_lost = counter.leases_lost + recent.leases_lost,
    duplicates = counter.duplicates + recent.duplicates,
    ticks = counter.ticks + recent.ticks,
    runs = counter.runs + recent.runs,
    calls = supaqueue_internal.add_steps(counter.calls, recent.calls),
    calls_ms = counter.calls_ms + recent.calls_ms,
    waits = supaqueue_internal.add_steps(counter.waits, recent.waits),
    waits_ms = counter.waits_ms + recent.waits_ms,
    turns = supaqueue_internal.add_steps(counter.turns, recent.turns),
    turns_ms = counter.turns_ms + recent.turns_ms
  from supaqueue_internal.recent_counts(taken) as recent
  where counter.queue = recent.queue and counter.queue = any (held);

  delete from supaqueue.counter_delta where counter_delta.ctid = any (taken);

  delete from supaqueue.counter where counter.queue = any (array(
    select dead.queue from supaqueue.counter as dead
    where not exists (select from supaqueue.queue where queue.id = dead.queue)
    for update skip locked
  ));
  return cardinality(taken);
end;
$$;

comment on function supaqueue_internal.fold_counters(integer) is 'Adds what happened since the last sweep to the counters. Returns how many deltas there were.';
revoke execute on function supaqueue_internal.fold_counters(integer) from public, anon, authenticated;
grant execute on function supaqueue_internal.fold_counters(integer) to service_role;
