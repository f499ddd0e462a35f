-- add_counters: deltas are added to the counters of their queues.
--
-- writes     supaqueue.counter

create or replace function supaqueue_internal.add_counters(deltas tid[], held uuid[])
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  update supaqueue.counter
  set
    enqueued = least(counter.enqueued + recent.enqueued, 9007199254740991),
    begun = least(counter.begun + recent.begun, 9007199254740991),
    succeeded = least(counter.succeeded + recent.succeeded, 9007199254740991),
    failed = least(counter.failed + recent.failed, 9007199254740991),
    killed = least(counter.killed + recent.killed, 9007199254740991),
    retried = least(counter.retried + recent.retried, 9007199254740991),
    deferred = least(counter.deferred + recent.deferred, 9007199254740991),
    rescheduled = least(counter.rescheduled + recent.rescheduled, 9007199254740991),
    dropped = least(counter.dropped + recent.dropped, 9007199254740991),
    leases_lost = least(counter.leases_lost + recent.leases_lost, 9007199254740991),
    duplicates = least(counter.duplicates + recent.duplicates, 9007199254740991),
    wake_ups = least(counter.wake_ups + recent.wake_ups, 9007199254740991),
    runs = least(counter.runs + recent.runs, 9007199254740991),
    calls = supaqueue_internal.add_steps(counter.calls, recent.calls),
    calls_ms = least(counter.calls_ms + recent.calls_ms, 9007199254740991),
    waits = supaqueue_internal.add_steps(counter.waits, recent.waits),
    waits_ms = least(counter.waits_ms + recent.waits_ms, 9007199254740991),
    turns = supaqueue_internal.add_steps(counter.turns, recent.turns),
    turns_ms = least(counter.turns_ms + recent.turns_ms, 9007199254740991)
  from supaqueue_internal.recent_counts(add_counters.deltas) as recent
  where counter.queue = recent.queue and counter.queue = any (add_counters.held);
end;
$$;

comment on function supaqueue_internal.add_counters(tid[], uuid[]) is 'Adds deltas to the counters of their queues.';
