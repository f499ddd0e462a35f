-- recent_counts: what happened since the last sweep, added up by queue.
--
-- reads      supaqueue.counter_delta: all of it, or the rows that are `taken`
--
-- In the columns of supaqueue.counter. What it costs grows with what happened since the
-- last sweep, ten seconds ago, and with nothing else.

create or replace function supaqueue_internal.recent_counts(taken tid[] default null)
returns setof supaqueue.counter
language plpgsql
stable
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_custom_plan
set jit = off
as $$
declare
  bounds constant double precision[] := supaqueue_internal.histogram_bounds();
  it supaqueue.counter;
begin
  -- By name: a user's own column stays null.
  for
    it.queue, it.enqueued, it.begun, it.succeeded, it.failed, it.killed, it.retried, it.deferred, it.rescheduled, it.dropped,
    it.leases_lost, it.duplicates, it.wake_ups, it.runs, it.calls, it.calls_ms, it.waits, it.waits_ms, it.turns, it.turns_ms
  in
  with
  recent as materialized (
    select * from supaqueue.counter_delta where recent_counts.taken is null or counter_delta.ctid = any (recent_counts.taken)
  ),
  counted as (
    select
      recent.queue, sum(recent.enqueued) as enqueued, sum(recent.begun) as begun, sum(recent.leases_lost) as leases_lost,
      sum(recent.duplicates) as duplicates, sum(recent.wake_ups) as wake_ups, sum(recent.runs) as runs
    from recent
    group by recent.queue
  ),
  attempt as (
    select
      recent.queue,
      count(*) filter (where fate = 'success') as succeeded,
      count(*) filter (where fate in ('failed', 'killed')) as failed,
      count(*) filter (where fate = 'killed') as killed,
      count(*) filter (where fate = 'retried') as retried,
      count(*) filter (where fate = 'deferred') as deferred,
      count(*) filter (where fate = 'rescheduled') as rescheduled,
      count(*) filter (where fate = 'dropped') as dropped
    from recent
    cross join unnest(recent.ended) as fate
    group by recent.queue
  ),
  measured as (
    select recent.queue, 'call' as what, unnest(recent.call_ms)::double precision as ms from recent
    union all
    select recent.queue, 'wait', unnest(recent.wait_ms) from recent
    union all
    select recent.queue, 'turn', recent.turn_ms from recent
  ),
  step as (
    -- A bound belongs to the step below it. A microsecond is less than any of this is good for.
    select measured.queue, measured.what, width_bucket(measured.ms - 0.001, bounds) as place, count(*) as times,
      sum(greatest(measured.ms, 0)) as ms
    from measured
    where measured.ms is not null
    group by measured.queue, measured.what, place
  ),
  histogram as (
    select filled.queue, filled.what, array_agg(coalesce(step.times, 0) order by filled.place) as steps, sum(step.ms) as ms
    from (
      select found.queue, found.what, place
      from (select distinct step.queue, step.what from step) as found
      cross join generate_series(0, cardinality(bounds)) as place
    ) as filled
    left join step using (queue, what, place)
    group by filled.queue, filled.what
  )
  select
    counted.queue,
    coalesce(counted.enqueued, 0), coalesce(counted.begun, 0),
    coalesce(attempt.succeeded, 0), coalesce(attempt.failed, 0), coalesce(attempt.killed, 0),
    coalesce(attempt.retried, 0), coalesce(attempt.deferred, 0), coalesce(attempt.rescheduled, 0), coalesce(attempt.dropped, 0),
    coalesce(counted.leases_lost, 0), coalesce(counted.duplicates, 0), coalesce(counted.wake_ups, 0), coalesce(counted.runs, 0),
    coalesce(call.steps, '{}'), coalesce(call.ms, 0),
    coalesce(wait.steps, '{}'), coalesce(wait.ms, 0),
    coalesce(turn.steps, '{}'), coalesce(turn.ms, 0)
  from counted
  left join attempt on attempt.queue = counted.queue
  left join histogram as call on call.queue = counted.queue and call.what = 'call'
  left join histogram as wait on wait.queue = counted.queue and wait.what = 'wait'
  left join histogram as turn on turn.queue = counted.queue and turn.what = 'turn'
  loop
    return next it;
  end loop;
end;
$$;

comment on function supaqueue_internal.recent_counts(tid[]) is 'What happened since the last sweep, added up by queue.';
