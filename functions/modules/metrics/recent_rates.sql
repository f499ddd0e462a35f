-- recent_rates: how fast each queue is, and how many of its calls fail, in the last five minutes.
--
-- reads      supaqueue.history, five minutes of it by index, and what recent_history reads
--
-- Of calls, whether or not their job has ended: an attempt that failed and is made again counts. Calls that were deferred
-- are told apart: their target said "not now", or is not there. Queues in which nothing happened are left out.
--
-- calls, errors, deferred    how many, in the window
-- per_minute                 calls that were answered, in a minute
-- error_rate                 the share of them that failed, from 0 to 1; null when none was answered
-- p50_ms, p95_ms             how long calls took
-- enqueued_per_minute, ended_per_minute
--                            jobs that came, and jobs that ended
-- drains_per_minute          by how many jobs the backlog shrinks in a minute; below 0 it grows

create or replace function supaqueue_internal.recent_rates()
returns table (
  queue uuid, calls bigint, errors bigint, deferred bigint, per_minute numeric, error_rate numeric, p50_ms double precision, p95_ms double precision,
  enqueued_per_minute numeric, ended_per_minute numeric, drains_per_minute numeric
)
language plpgsql
stable
rows 100
set search_path = pg_catalog, pg_temp
set jit = off
as $$
#variable_conflict use_column
declare
  at constant timestamptz := clock_timestamp();
  since constant timestamptz := date_trunc('minute', at) - interval '4 minutes';
  -- What the sweep has not added up yet may be older than the window.
  minutes constant numeric := greatest(
    extract(epoch from at - least(since, (select last_sweep.swept_at from supaqueue.last_sweep))) / 60, 4
  );
begin
  return query
  with
  entry as (
    select history.* from supaqueue.history where history.span = 'minute' and history.at >= since
    union all
    select recent.* from supaqueue_internal.recent_history() as recent
  ),
  step as (
    select call.queue, jsonb_object_agg(call.place, call.times) as calls
    from (
      select entry.queue, step.key as place, sum(step.value::bigint) as times
      from entry
      cross join jsonb_each_text(entry.calls) as step
      group by entry.queue, step.key
    ) as call
    group by call.queue
  ),
  summed as (
    select
      entry.queue,
      sum(entry.succeeded + entry.failed + entry.retried + entry.rescheduled + entry.dropped)::bigint as calls,
      sum(entry.failed + entry.retried)::bigint as errors,
      sum(entry.deferred)::bigint as deferred,
      sum(entry.enqueued)::bigint as enqueued,
      sum(entry.succeeded + entry.failed + entry.dropped)::bigint as ended
    from entry
    group by entry.queue
  )
  select
    summed.queue, summed.calls, summed.errors, summed.deferred,
    round(summed.calls / minutes, 1),
    round(summed.errors / nullif(summed.calls, 0)::numeric, 3),
    supaqueue_internal.latency(step.calls, 0.5),
    supaqueue_internal.latency(step.calls, 0.95),
    round(summed.enqueued / minutes, 1),
    round(summed.ended / minutes, 1),
    round((summed.ended - summed.enqueued) / minutes, 1)
  from summed
  left join step on step.queue = summed.queue;
end;
$$;

comment on function supaqueue_internal.recent_rates() is 'How fast each queue is, and how many of its calls fail, in the last five minutes.';
