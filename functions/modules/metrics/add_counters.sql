-- add_counters: deltas are added to the counters of their queues.
--
-- called by  fold_counters, which holds both
-- writes     supaqueue.counter

create or replace function supaqueue_internal.add_counters(deltas tid[], held uuid[])
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
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
  from supaqueue_internal.recent_counts(add_counters.deltas) as recent
  where counter.queue = recent.queue and counter.queue = any (add_counters.held);
end;
$$;

comment on function supaqueue_internal.add_counters(tid[], uuid[]) is 'Adds deltas to the counters of their queues.';
revoke execute on function supaqueue_internal.add_counters(tid[], uuid[]) from public, anon, authenticated;
grant execute on function supaqueue_internal.add_counters(tid[], uuid[]) to service_role;
