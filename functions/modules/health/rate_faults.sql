-- rate_faults: queues whose calls mostly fail, and queues that fall behind.
--
-- reads      what recent_rates reads; supaqueue.worker, supaqueue.attempt, supaqueue.job, by index; locks nothing
--
-- A list of findings, at most a hundred of each kind. Calls fail when at least ten were answered in five minutes and half of
-- them failed, whether or not their jobs are tried again. A queue falls behind when a job has been due for five minutes, every
-- worker is taken, and the backlog does not shrink. The most frequent cause is that of the newest five hundred attempts.

create or replace function supaqueue_internal.rate_faults()
returns jsonb
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
  at constant timestamptz := clock_timestamp();
  listed jsonb := '[]';
  entry record;
  cause text;
  due integer;
  oldest timestamptz;
begin
  for entry in
    select queue.id, queue.name, rate.calls, rate.errors, rate.error_rate
    from supaqueue_internal.recent_rates() as rate
    join supaqueue.queue on queue.id = rate.queue
    where rate.calls >= 10 and rate.error_rate >= 0.5
    order by queue.name
    limit 100
  loop
    select supaqueue.fingerprint(tried.outcome, tried.status, tried.error) into cause
    from (select * from supaqueue.attempt order by attempt.id desc limit 500) as tried
    join supaqueue.job on job.id = tried.job
    where job.queue = entry.id and tried.outcome in ('failed', 'unknown', 'killed')
    group by 1
    order by count(*) desc, 1
    limit 1;
    listed := listed || supaqueue_internal.finding(
      'calls_fail', 'warning',
      format(
        '%s of %s calls of %s failed in the last five minutes (%s %%)%s; jobs that failed for good can be retried once that is fixed',
        entry.errors, entry.calls, entry.name, round(entry.error_rate * 100), ', most often of: ' || cause
      ),
      format('select supaqueue.retry_failures(%L);', entry.name), null, entry.name
    );
  end loop;

  for entry in
    select candidate.*
    from (
      select
        queue.id, queue.name, rate.drains_per_minute, rate.ended_per_minute,
        (select count(*) from supaqueue.worker where worker.queue = queue.id) as workers
      from supaqueue.queue
      left join supaqueue_internal.recent_rates() as rate on rate.queue = queue.id
      where not queue.paused
        and coalesce(rate.drains_per_minute, 0) <= 0
        and exists (select from supaqueue.worker where worker.queue = queue.id)
        and not exists (select from supaqueue.worker where worker.queue = queue.id and not worker.locked)
        and exists (select from supaqueue.job where job.queue = queue.id and job.status = 'pending')
      order by queue.name
      limit 200
    ) as candidate
    limit 100
  loop
    oldest := supaqueue_internal.oldest_due(entry.id, at);
    continue when oldest is null or oldest > at - interval '5 minutes';
    due := cardinality(supaqueue_internal.due_jobs(entry.id, at, 10000));
    listed := listed || supaqueue_internal.finding(
      'falls_behind', 'warning',
      format(
        '%s falls behind: %s%s jobs are due, the first one for %s, and its backlog %s; %s',
        entry.name, due, case when due >= 10000 then ' or more' else '' end, supaqueue_internal.say_interval(at - oldest),
        case when entry.drains_per_minute < 0 then format('grows by %s a minute', -entry.drains_per_minute) else 'does not shrink' end,
        case when entry.workers = 1 then 'its only worker is taken' else format('all of its %s workers are taken', entry.workers) end
      ),
      format('select supaqueue.set_concurrency(%L, %s);', entry.name, least(entry.workers * 2, 10000)), oldest, entry.name
    );
  end loop;
  return listed;
end;
$$;

comment on function supaqueue_internal.rate_faults() is 'Queues whose calls mostly fail, and queues that fall behind.';
