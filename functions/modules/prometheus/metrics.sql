-- metrics: every queue in the text format of Prometheus.
--
-- called by  GET /metrics of the HTTP API, and users
-- reads      supaqueue.setting, supaqueue.queue, the view queue_counters, supaqueue.worker, supaqueue.current_job, supaqueue.job, supaqueue.circuit,
--            supaqueue.last_sweep, supaqueue.chore, supaqueue.trouble, and what recent_rates and process_states read
--
-- Counters and histograms come from queue_counters, so that no job is counted; what waits
-- is counted by index and up to 10000, as in queue_overview. What it costs does not grow with
-- how many jobs wait or are done. Times are in seconds.
--
-- Of at most a thousand queues, those that the setting metrics_queues names, separated by
-- commas, or else the first by name: what is read every few seconds must stay small. How
-- many more there are is in supaqueue_queues_left_out, which is missing when it is none. Histograms,
-- which are four fifths of the text, are those of the first 150 of them; supaqueue_histograms_left_out.

create or replace function supaqueue.metrics()
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
set standard_conforming_strings = on
set jit = off
as $$
  with
  chosen as materialized (
    select queue.id, row_number() over (order by queue.name) <= 150 as whole
    from supaqueue.queue
    left join supaqueue.setting on setting.name = 'metrics_queues'
    where setting.value is null or queue.name = any (regexp_split_to_array(setting.value, '\s*,\s*'))
    order by queue.name
    limit 1000
  ),
  rate as materialized (
    select * from supaqueue_internal.recent_rates()
  ),
  seen as materialized (
    select
      -- What must not stand in a label as it is: a backslash, a quotation mark, a line break.
      format('queue="%s"', replace(replace(replace(counted.name, '\', '\\'), '"', '\"'), e'\n', '\n')) as label,
      to_jsonb(counted) || to_jsonb(now_there) as number,
      chosen.whole
    from chosen
    join supaqueue.queue_counters as counted on counted.queue = chosen.id
    cross join lateral (
      select
        (select count(*) from supaqueue.worker where worker.queue = counted.queue) as workers,
        (select count(*) from supaqueue.current_job where current_job.queue = counted.queue) as running,
        (
          select count(*)
          from (
            select from supaqueue.job where job.queue = counted.queue and job.status = 'pending'
            order by job.priority desc, job.run_at, job.id
            limit 10000
          ) as pending
        ) as waiting,
        coalesce(greatest(
          date_part('epoch', clock_timestamp() - supaqueue_internal.oldest_due(counted.queue)), 0
        ), 0) as oldest_due,
        (select queue.paused::integer from supaqueue.queue where queue.id = counted.queue) as paused,
        (
          select count(*)
          from supaqueue.queue as home
          join supaqueue.circuit on circuit.target = supaqueue_internal.target_of(home)
          where home.id = counted.queue and circuit.open_until > clock_timestamp()
        ) as circuit_open,
        coalesce((select rate.error_rate from rate where rate.queue = counted.queue), 0) as error_ratio,
        coalesce((select rate.drains_per_minute from rate where rate.queue = counted.queue), 0) as drains
    ) as now_there
  ),
  metric (place, name, type, source, help) as (values
    (1, 'supaqueue_jobs_enqueued_total', 'counter', 'enqueued', 'Jobs that were inserted.'),
    (2, 'supaqueue_attempts_started_total', 'counter', 'begun', 'Attempts that were begun.'),
    (3, 'supaqueue_jobs_succeeded_total', 'counter', 'succeeded', 'Jobs that succeeded.'),
    (4, 'supaqueue_jobs_failed_total', 'counter', 'failed', 'Jobs that failed for good.'),
    (5, 'supaqueue_attempts_retried_total', 'counter', 'retried', 'Attempts that failed and are made again.'),
    (6, 'supaqueue_calls_deferred_total', 'counter', 'deferred', 'Calls that were deferred or did not reach their target; their jobs wait.'),
    (7, 'supaqueue_leases_lost_total', 'counter', 'leases_lost', 'Leases that ran out before the attempt was reported.'),
    (8, 'supaqueue_duplicates_refused_total', 'counter', 'duplicates', 'Jobs that were skipped since another had their dedupe_key. Those refused with an error leave no trace.'),
    (9, 'supaqueue_wake_ups_sent_total', 'counter', 'wake_ups', 'Wake-ups that were posted to the dispatcher.'),
    (10, 'supaqueue_wake_ups_received_total', 'counter', 'runs', 'Wake-ups that the dispatcher accepted: each begins a run.'),
    (11, 'supaqueue_runs_total', 'counter', 'runs', 'Runs of the dispatcher that took their first turn.'),
    (12, 'supaqueue_jobs_waiting', 'gauge', 'waiting', 'Pending jobs, due or planned, counted up to 10000.'),
    (13, 'supaqueue_jobs_running', 'gauge', 'running', 'Jobs that have a worker.'),
    (14, 'supaqueue_workers', 'gauge', 'workers', 'Workers: how many calls may run at once.'),
    (15, 'supaqueue_oldest_due_age_seconds', 'gauge', 'oldest_due', 'For how long the job has been due that has waited longest; 0 when none is due.'),
    (16, 'supaqueue_queue_paused', 'gauge', 'paused', 'Whether the queue is paused: 1 or 0.'),
    (17, 'supaqueue_circuit_open', 'gauge', 'circuit_open', 'Whether the target takes no calls at the moment: 1 or 0.'),
    (18, 'supaqueue_call_duration_seconds', 'histogram', 'calls', 'How long calls took.'),
    (19, 'supaqueue_wait_seconds', 'histogram', 'waits', 'How long jobs had been due when an attempt was begun, counted when it ended.'),
    (20, 'supaqueue_turn_duration_seconds', 'histogram', 'turns', 'How long turns took in the database. Turns that found nothing to do are not counted.'),
    (21, 'supaqueue_sweep_age_seconds', 'gauge', null, 'How long ago the last sweep was; missing when there never was one.'),
    (23, 'supaqueue_chore_failures', 'gauge', null, 'How often in a row a chore of the sweep failed; 0 when it did not.'),
    (25, 'supaqueue_target_circuit_open', 'gauge', null, 'Targets that take no calls at the moment: 1. Missing when all do; of a thousand at most.'),
    (24, 'supaqueue_set_aside', 'gauge', null, 'What was set aside since it could not be done, by kind; counted up to 10000. Missing when nothing was.'),
    (26, 'supaqueue_wake_ups_refused', 'gauge', null, 'How many wake-ups were refused, or got no answer, since the last one that was accepted.'),
    (27, 'supaqueue_findings', 'gauge', null, 'What is wrong with dispatch and the sweep, by severity: error or warning. supaqueue.health() says what.'),
    (28, 'supaqueue_error_ratio', 'gauge', 'error_ratio', 'The share of calls that failed in the last five minutes, whether or not they are made again; 0 when there was none.'),
    (29, 'supaqueue_backlog_drains_per_minute', 'gauge', 'drains', 'By how many jobs the backlog shrank in a minute, in the last five minutes; below 0 it grew.'),
    (31, 'supaqueue_processes', 'gauge', null, 'Processes that serve queues: those that live, and those that were not heard of for too long. Missing when there is none.'),
    (32, 'supaqueue_process_queues_led', 'gauge', null, 'How many queues a process that lives leads.')
  ),
  process as materialized (
    select known ->> 'id' as id, known ->> 'name' as name, known ->> 'leads' as leads,
      case when (known ->> 'alive')::boolean then 'alive' when (known ->> 'missed')::boolean then 'silent' end as state
    from jsonb_array_elements(supaqueue_internal.process_states()) as known
  ),
  step as (
    select
      metric.place, metric.name, seen.label, entry.place as step,
      coalesce(trim_scale((bound.ms / 1000)::numeric)::text, '+Inf') as le,
      sum(entry.times::bigint) over (partition by metric.place, seen.label order by entry.place) as times
    from metric
    cross join seen
    cross join lateral jsonb_array_elements_text(
      case when seen.number -> metric.source = '[]'
        then to_jsonb(array_fill(0, array[cardinality(supaqueue_internal.histogram_bounds()) + 1]))
        else seen.number -> metric.source end
    ) with ordinality as entry (times, place)
    left join unnest(supaqueue_internal.histogram_bounds()) with ordinality as bound (ms, place) on bound.place = entry.place
    where metric.type = 'histogram' and seen.whole
  ),
  line (place, part, label, step, text) as (
    select metric.place, 1, '', 0::bigint, format(e'# HELP %1$s %2$s\n# TYPE %1$s %3$s', metric.name, metric.help, metric.type)
    from metric
    union all
    select metric.place, 2, seen.label, 0, format('%s{%s} %s', metric.name, seen.label, seen.number ->> metric.source)
    from metric
    cross join seen
    where metric.type <> 'histogram' and metric.source is not null
    union all
    select step.place, 2, step.label, step.step, format('%s_bucket{%s,le="%s"} %s', step.name, step.label, step.le, step.times)
    from step
    union all
    select metric.place, 2, seen.label, 1000, format(
      e'%1$s_sum{%2$s} %3$s\n%1$s_count{%2$s} %4$s', metric.name, seen.label,
      (seen.number ->> (metric.source || '_ms'))::double precision / 1000,
      (select coalesce(sum(entry::bigint), 0) from jsonb_array_elements_text(seen.number -> metric.source) as entry)
    )
    from metric
    cross join seen
    where metric.type = 'histogram' and seen.whole
    union all
    select metric.place, 2, '', 0, format('%s %s', metric.name, date_part('epoch', clock_timestamp() - last_sweep.swept_at))
    from metric
    cross join supaqueue.last_sweep
    where metric.name = 'supaqueue_sweep_age_seconds'
    union all
    select 22, 1, '', 0, format(
      e'# HELP %1$s %2$s\n# TYPE %1$s gauge\n%1$s %3$s',
      'supaqueue_queues_left_out', 'Queues of which nothing is told here. The setting metrics_queues chooses.', there.queues - told.queues
    )
    from (select count(*) as queues from supaqueue.queue) as there
    cross join (select count(*) as queues from chosen) as told
    where there.queues > told.queues
    union all
    select 30, 1, '', 0, format(
      e'# HELP %1$s %2$s\n# TYPE %1$s gauge\n%1$s %3$s',
      'supaqueue_histograms_left_out', 'Queues told of here without their histograms. The setting metrics_queues chooses.', told.queues
    )
    from (select count(*) as queues from chosen where not chosen.whole) as told
    where told.queues > 0
    union all
    select metric.place, 2, '', 0, format('%s %s', metric.name, (supaqueue_internal.dispatch_state()).refusals)
    from metric
    where metric.name = 'supaqueue_wake_ups_refused'
    union all
    select metric.place, 2, severity.name, 0, format('%s{severity="%s"} %s', metric.name, severity.name, (
      select count(*) from jsonb_array_elements(health.found) as entry where entry ->> 'severity' = severity.name
    ))
    from metric
    cross join (select supaqueue_internal.dispatch_faults() || supaqueue_internal.process_faults() || supaqueue_internal.sweep_faults() || supaqueue_internal.table_faults()
      || supaqueue_internal.snapshot_faults() as found) as health
    cross join unnest('{error,warning}'::text[]) as severity (name)
    where metric.name = 'supaqueue_findings'
    union all
    select metric.place, 2, chore.name, 0, format('%s{chore="%s"} %s', metric.name, chore.name, chore.failures)
    from metric
    cross join supaqueue.chore
    where metric.name = 'supaqueue_chore_failures'
    union all
    select metric.place, 2, shut.target, 0, format('%s{target="%s"} 1', metric.name, replace(replace(shut.target, '\', '\\'), '"', '\"'))
    from metric
    cross join (
      select circuit.target from supaqueue.circuit where circuit.open_until > clock_timestamp() order by circuit.target limit 1000
    ) as shut
    where metric.name = 'supaqueue_target_circuit_open'
    union all
    select metric.place, 2, aside.kind, 0, format('%s{kind="%s"} %s', metric.name, aside.kind, aside.times)
    from metric
    cross join (
      select known.kind, count(*) as times
      from (select trouble.kind from supaqueue.trouble limit 10000) as known
      group by known.kind
    ) as aside
    where metric.name = 'supaqueue_set_aside'
    union all
    select metric.place, 2, there.state, 0, format('%s{state="%s"} %s', metric.name, there.state, there.times)
    from metric
    cross join (
      select state.name as state, (select count(*) from process where process.state = state.name) as times
      from unnest('{alive,silent}'::text[]) as state (name)
      where exists (select from process)
    ) as there
    where metric.name = 'supaqueue_processes'
    union all
    select metric.place, 2, process.id, 0, format(
      '%s{process="%s",id="%s"} %s', metric.name, replace(replace(replace(process.name, '\', '\\'), '"', '\"'), e'\n', '\n'), process.id, process.leads
    )
    from metric
    cross join process
    where metric.name = 'supaqueue_process_queues_led' and process.state = 'alive'
  )
  select string_agg(line.text, e'\n' order by line.place, line.part, line.label, line.step) || e'\n' from line
$$;

comment on function supaqueue.metrics() is 'Every queue in the text format of Prometheus.';
