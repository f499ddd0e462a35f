-- recent_history: what happened since the last sweep, by queue, in the columns of supaqueue.history.
--
-- reads      supaqueue.counter_delta: all of it, or the rows that are `taken`
--
-- What it costs grows with what happened since the last sweep, ten seconds ago, and with nothing else.

create or replace function supaqueue_internal.recent_history(taken tid[] default null)
returns setof supaqueue.history
language plpgsql
stable
rows 100
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_custom_plan
set jit = off
as $$
declare
  it supaqueue.history;
begin
  -- By name: a user's own column stays null.
  for
    it.queue, it.span, it.at, it.enqueued, it.begun, it.succeeded, it.failed, it.retried, it.deferred, it.rescheduled, it.dropped,
    it.leases_lost, it.calls, it.calls_ms
  in
  with
  recent as materialized (
    select * from supaqueue.counter_delta where recent_history.taken is null or counter_delta.ctid = any (recent_history.taken)
  ),
  counted as (
    select recent.queue, sum(recent.enqueued) as enqueued, sum(recent.begun) as begun, sum(recent.leases_lost) as leases_lost
    from recent
    group by recent.queue
  ),
  attempt as (
    select
      recent.queue,
      count(*) filter (where fate = 'success') as succeeded,
      count(*) filter (where fate in ('failed', 'killed')) as failed,
      count(*) filter (where fate = 'retried') as retried,
      count(*) filter (where fate = 'deferred') as deferred,
      count(*) filter (where fate = 'rescheduled') as rescheduled,
      count(*) filter (where fate = 'dropped') as dropped
    from recent
    cross join unnest(recent.ended) as fate
    group by recent.queue
  ),
  call as (
    select step.queue, jsonb_object_agg(step.place, step.times) as steps, sum(step.ms) as ms
    from (
      select recent.queue, supaqueue_internal.latency_step(measured.ms) as place, count(*) as times, sum(greatest(measured.ms, 0)::double precision) as ms
      from recent
      cross join unnest(recent.call_ms) as measured (ms)
      where measured.ms is not null
      group by recent.queue, place
    ) as step
    group by step.queue
  )
  select
    counted.queue, 'minute', date_trunc('minute', clock_timestamp()),
    coalesce(counted.enqueued, 0), coalesce(counted.begun, 0),
    coalesce(attempt.succeeded, 0), coalesce(attempt.failed, 0), coalesce(attempt.retried, 0),
    coalesce(attempt.deferred, 0), coalesce(attempt.rescheduled, 0), coalesce(attempt.dropped, 0),
    coalesce(counted.leases_lost, 0), coalesce(call.steps, '{}'), coalesce(call.ms, 0)
  from counted
  left join attempt on attempt.queue = counted.queue
  left join call on call.queue = counted.queue
  loop
    return next it;
  end loop;
end;
$$;

comment on function supaqueue_internal.recent_history(tid[]) is 'What happened since the last sweep, by queue, in the columns of history.';
