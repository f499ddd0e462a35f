-- queue_counters: what happened in each queue ever since.
--
-- read by  users
--
-- Kept as the walk goes: no job is counted, and what it costs does not grow with how many
-- there are. calls, waits and turns are histograms: how many took up to as many
-- milliseconds as histogram_bounds says, step by step, and in the last one those that took longer.

create or replace view supaqueue.queue_counters with (security_invoker = true) as
select
  queue.id as queue,
  queue.name,
  coalesce(counter.enqueued, 0) + coalesce(recent.enqueued, 0) as enqueued,
  coalesce(counter.begun, 0) + coalesce(recent.begun, 0) as begun,
  coalesce(counter.succeeded, 0) + coalesce(recent.succeeded, 0) as succeeded,
  coalesce(counter.failed, 0) + coalesce(recent.failed, 0) as failed,
  coalesce(counter.killed, 0) + coalesce(recent.killed, 0) as killed,
  coalesce(counter.retried, 0) + coalesce(recent.retried, 0) as retried,
  coalesce(counter.deferred, 0) + coalesce(recent.deferred, 0) as deferred,
  coalesce(counter.rescheduled, 0) + coalesce(recent.rescheduled, 0) as rescheduled,
  coalesce(counter.dropped, 0) + coalesce(recent.dropped, 0) as dropped,
  coalesce(counter.leases_lost, 0) + coalesce(recent.leases_lost, 0) as leases_lost,
  coalesce(counter.duplicates, 0) + coalesce(recent.duplicates, 0) as duplicates,
  coalesce(counter.wake_ups, 0) + coalesce(recent.wake_ups, 0) as wake_ups,
  coalesce(counter.runs, 0) + coalesce(recent.runs, 0) as runs,
  supaqueue_internal.add_steps(counter.calls, recent.calls) as calls,
  coalesce(counter.calls_ms, 0) + coalesce(recent.calls_ms, 0) as calls_ms,
  supaqueue_internal.add_steps(counter.waits, recent.waits) as waits,
  coalesce(counter.waits_ms, 0) + coalesce(recent.waits_ms, 0) as waits_ms,
  supaqueue_internal.add_steps(counter.turns, recent.turns) as turns,
  coalesce(counter.turns_ms, 0) + coalesce(recent.turns_ms, 0) as turns_ms
from supaqueue.queue
left join supaqueue.counter on counter.queue = queue.id
left join supaqueue_internal.recent_counts() as recent on recent.queue = queue.id;

comment on view supaqueue.queue_counters is 'What happened in each queue since it was created.';
revoke all on supaqueue.queue_counters from public, anon, authenticated;
grant select on supaqueue.queue_counters to service_role;
