-- alert_readings: what a rule looks at, and how it stands.
--
-- reads      supaqueue.queue, supaqueue.circuit, supaqueue.last_sweep, supaqueue.history, and what recent_rates and dispatch_state read
--
-- For each queue that the rule watches, each target, or the whole: its name, a number to be compared with the threshold, a
-- sentence, and since when, where that is known. Where there is nothing to count, there is no reading. The queue that is told is not
-- watched, unless the rule names it: messages about its own messages would have no end. Of a thousand queues at most.

create or replace function supaqueue_internal.alert_readings(rule supaqueue.alert_rule)
returns table (subject text, value double precision, text text, since timestamptz)
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
  at constant timestamptz := clock_timestamp();
  state supaqueue.dispatch;
begin
  case rule.kind
  when 'backlog_older_than' then
    return query
      select
        watched.name, extract(epoch from at - watched.oldest)::double precision,
        format('a job of %s has been due for %s', watched.name, supaqueue_internal.say_interval(at - watched.oldest)), null::timestamptz
      from (
        select queue.name, supaqueue_internal.oldest_due(queue.id, at) as oldest
        from supaqueue.queue
        where (rule.queue = queue.id or rule.queue is null and queue.id <> rule.notify) and not queue.paused
        order by queue.name limit 1000
      ) as watched
      where watched.oldest is not null;
  when 'error_rate_above' then
    return query
      select
        queue.name, rate.error_rate::double precision,
        format('%s of %s calls of %s failed in the last five minutes', rate.errors, rate.calls, queue.name), null::timestamptz
      from supaqueue_internal.recent_rates() as rate
      join supaqueue.queue on queue.id = rate.queue
      where (rule.queue = queue.id or rule.queue is null and queue.id <> rule.notify) and rate.calls >= 10
      order by queue.name limit 1000;
  when 'failed_more_than' then
    return query
      select
        queue.name, sum(history.failed)::double precision,
        format('%s jobs of %s failed for good in the last hour', sum(history.failed), queue.name), null::timestamptz
      from supaqueue.history
      join supaqueue.queue on queue.id = history.queue
      where history.span = 'minute' and history.at > at - interval '1 hour'
        and (rule.queue = queue.id or rule.queue is null and queue.id <> rule.notify)
      group by queue.name
      order by queue.name limit 1000;
  when 'circuit_open' then
    return query
      select
        circuit.target, extract(epoch from at - circuit.opened_at)::double precision,
        format('calls of the %s are held back: %s', circuit.target, coalesce(circuit.reason, 'they were deferred')), circuit.opened_at
      from supaqueue.circuit
      where circuit.open_until is not null
        and (
          rule.queue is null
          or circuit.target = (select supaqueue_internal.target_of(home) from supaqueue.queue as home where home.id = rule.queue)
        )
      order by circuit.target limit 1000;
  when 'dispatch_refused' then
    state := supaqueue_internal.dispatch_state();
    if state.refused_at > coalesce(state.accepted_at, '-infinity') then
      return query select
        'dispatch', extract(epoch from at - state.refused_since)::double precision,
        format('no job is begun: wake-ups have been refused for %s (%s)', supaqueue_internal.say_interval(at - state.refused_since),
          concat_ws(' ', state.status, state.code)),
        state.refused_since;
    end if;
  when 'sweep_silent' then
    -- Read by the sweep itself: what it sees is how long it was silent until now.
    return query
      select
        'sweep', extract(epoch from at - last_sweep.swept_at)::double precision,
        format('the sweep was silent for %s', supaqueue_internal.say_interval(at - last_sweep.swept_at)), last_sweep.swept_at
      from supaqueue.last_sweep;
  end case;
end;
$$;

comment on function supaqueue_internal.alert_readings(supaqueue.alert_rule) is 'What a rule looks at, and how it stands.';
