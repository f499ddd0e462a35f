-- queue_overview: every queue at a glance.
--
-- read by  status, the console, and users
--
-- What it costs does not grow with how many jobs wait or are done: waiting, due and failed are counted up to 10000. What
-- happened lately is of calls, not of jobs that have ended: an attempt that failed and is made again counts (recent_rates).
-- empty_in is how long the backlog lasts if jobs come and end as in the last five minutes; null when it does not shrink.

create or replace view supaqueue.queue_overview with (security_invoker = true) as
with
-- Once for all queues: what stops one of these stops each.
dispatch as materialized (
  select jsonb_path_query_first(supaqueue_internal.dispatch_faults(), '$[*] ? (@.severity == "error")') as fault
),
rate as materialized (
  select * from supaqueue_internal.recent_rates()
)
select
  queue.id as queue,
  queue.name,
  coalesce(queue.edge_function_name, queue.url) as target,
  queue.mode,
  queue.paused,
  queue.paused_until,
  queue.paused_reason,
  case when circuit.open_until > clock_timestamp() then circuit.open_until end as circuit_open_until,
  circuit.reason as circuit_reason,
  rate_limit.max_rps,
  counted.workers,
  counted.taken as workers_taken,
  running.jobs as running,
  waiting.jobs as waiting,
  due.jobs as due,
  supaqueue_internal.oldest_due(queue.id) as oldest_due,
  failed.jobs as failed,
  coalesce(rate.per_minute, 0.0) as per_minute,
  rate.error_rate,
  round(rate.p50_ms) as p50_ms,
  round(rate.p95_ms) as p95_ms,
  case when circuit.open_until > clock_timestamp() then circuit.target end as circuit_target,
  (story.pause ->> 'since')::timestamptz as paused_since,
  story.pause ->> 'by' as paused_by,
  case when circuit.open_until is not null then circuit.opened_at end as circuit_since,
  case when queue.mode = 'push' then coalesce(
    stop.fault ->> 'text',
    case when counted.workers = 0 and waiting.jobs > 0 then 'jobs wait, and it has no worker' end,
    broken.fault ->> 'text'
  ) end as fault,
  case when queue.mode = 'push' then coalesce(
    stop.fault ->> 'remedy',
    case when counted.workers = 0 and waiting.jobs > 0 then format('select supaqueue.set_concurrency(%L, 1);', queue.name) end,
    broken.fault ->> 'remedy'
  ) end as remedy,
  coalesce(rate.enqueued_per_minute, 0.0) as enqueued_per_minute,
  coalesce(rate.ended_per_minute, 0.0) as ended_per_minute,
  -- By how many jobs the backlog shrinks in a minute; below 0 it grows.
  coalesce(rate.drains_per_minute, 0.0) as drains_per_minute,
  case when due.jobs > 0 and rate.drains_per_minute > 0 then
    least(due.jobs / rate.drains_per_minute, 5256000)::double precision * interval '1 minute'
  end as empty_in
from supaqueue.queue
cross join lateral (
  -- What a process serves needs no wake-up.
  select case when dispatch.fault is not null and not supaqueue_internal.is_served(queue.id) then dispatch.fault end as fault from dispatch
) as stop
left join lateral (
  -- Of a queue whose jobs lead to several hosts the one that is left alone for longest.
  select left_alone.*
  from supaqueue.circuit as left_alone
  where left_alone.target = supaqueue_internal.target_of(queue)
    or cardinality(queue.allowed_hosts) > 0
      and left_alone.open_until is not null
      and substring(left_alone.target from '^host (.*)$') in (
        select regexp_replace(lower(entry), ':(80|443)$', '') from unnest(queue.allowed_hosts) as entry
      )
  order by left_alone.open_until desc nulls last
  limit 1
) as circuit on true
left join supaqueue.rate_limit on rate_limit.name = queue.rate_limit
cross join lateral (
  select case when queue.paused then supaqueue_internal.pause_story(queue.id) end as pause
) as story
cross join lateral (
  select case when circuit.open_until is not null then supaqueue_internal.circuit_faults(circuit.target) -> 0 end as fault
) as broken
cross join lateral (
  select count(*) as workers, count(*) filter (where worker.locked) as taken
  from supaqueue.worker where worker.queue = queue.id
) as counted
cross join lateral (
  select count(*) as jobs from supaqueue.current_job where current_job.queue = queue.id
) as running
cross join lateral (
  select count(*) as jobs
  from (
    select from supaqueue.job where job.queue = queue.id and job.status = 'pending'
    order by job.priority desc, job.run_at, job.id
    limit 10000
  ) as counted
) as waiting
cross join lateral (
  select count(*) as jobs
  from (
    select from supaqueue.job where job.queue = queue.id and job.status = 'failed'
    order by job.finished_at desc
    limit 10000
  ) as counted
) as failed
left join rate on rate.queue = queue.id
cross join lateral (
  select cardinality(supaqueue_internal.due_jobs(queue.id, clock_timestamp(), 10000)) as jobs
) as due;

comment on view supaqueue.queue_overview is 'Every queue at a glance: workers, what waits, what runs, what fails, how fast.';
revoke all on supaqueue.queue_overview from public, anon, authenticated;
grant select on supaqueue.queue_overview to service_role;
