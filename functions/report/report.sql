-- report: the outcomes of calls are written down.
--
-- called by  supaqueue_turn, on_current_job_ended, sweep
-- writes     supaqueue.job, supaqueue.current_job
--
-- Reports match by token and nothing else: one that is late, doubled or made up
-- finds no current job and changes nothing. With a `queue` the tokens of others
-- are not valid either: their workers are not this queue's to give. Returns
--   freed  workers that have no job now. They are still marked locked: the
--          caller gives them the next job, or unlocks them.
--   again  tokens whose rows somebody else holds: to be reported once more
--   stale  tokens that are not valid (any more)
--
-- Waits for nobody. A user who holds a job's row delays that job and no other.
-- The plan is held to nested loops over indexes: a scan would cost what finished
-- jobs and dead rows cost, and a planner that has not seen the table lately takes it.

create or replace function supaqueue.report(
  reports jsonb, queue uuid default null, out freed uuid[], out again uuid[], out stale uuid[]
)
language plpgsql
set search_path = ''
set enable_seqscan = off
set enable_hashjoin = off
set enable_mergejoin = off
set jit = off
set plan_cache_mode = force_generic_plan
as $$
declare
  at timestamptz := clock_timestamp();
  settled uuid[];
  -- Assigned, not performed: an expression costs a fraction of a statement.
  reporting text;
begin
  if jsonb_array_length(report.reports) <> jsonb_array_length(jsonb_path_query_array(
    report.reports,
    '$[*] ? (@.token.type() == "string" && @.outcome like_regex "^(success|failed|unknown|not_run)$")'
  )) then
    raise exception using
      errcode = 'SQ422',
      message = 'a report has a token and one of the outcomes success, failed, unknown, not_run',
      hint = 'functions/README.md lists what a report may say. Nothing was changed.';
  end if;

  -- Deleting a current job by hand puts its job back; here it is on purpose.
  reporting := set_config('supaqueue.reporting', 'on', true);

  with
  reported as (
    select distinct on (entry.token) entry.*
    from jsonb_to_recordset(report.reports) as entry (
      token uuid, outcome text, result jsonb, error text, retry_after_ms double precision
    )
  ),
  settled_report as (
    select
      current_job.id as token,
      current_job.worker,
      current_job.job,
      job.queue,
      reported.outcome,
      reported.result,
      reported.error,
      reported.retry_after_ms
    from reported
    join supaqueue.current_job on current_job.id = reported.token
    join supaqueue.job on job.id = current_job.job
    -- The worker too: it is about to get its next job, and whoever is deleting
    -- it would otherwise be waited for.
    left join lateral (
      select worker.id from supaqueue.worker where worker.id = current_job.worker for no key update skip locked
    ) as held_worker on true
    where (current_job.worker is null or held_worker.id is not null)
      and (report.queue is null or current_job.queue = report.queue)
    for update of current_job, job skip locked
  ),
  ended as (
    delete from supaqueue.current_job
    using settled_report
    where current_job.id = settled_report.token
  ),
  written as (
    update supaqueue.job
    set
      updated_at = at,
      status = (case
        when settled_report.outcome = 'success' then 'success'
        when settled_report.outcome = 'not_run' or job.attempts < queue.max_attempts then 'pending'
        else 'failed'
      end)::supaqueue.job_status,
      attempts = case
        when settled_report.outcome = 'not_run' then greatest(job.attempts - 1, 0)
        else job.attempts
      end,
      run_at = case
        when settled_report.outcome = 'success' then job.run_at
        when settled_report.outcome = 'not_run' then
          at + least(greatest(coalesce(settled_report.retry_after_ms, 1000), 0), 3600000) * interval '1 millisecond'
        when job.attempts < queue.max_attempts then
          at + supaqueue.backoff(job.attempts, queue.retry_base_ms, queue.retry_factor, queue.retry_max_ms)
        else job.run_at
      end,
      finished_at = case
        when settled_report.outcome = 'success'
          or settled_report.outcome <> 'not_run' and job.attempts >= queue.max_attempts then at
      end,
      result = settled_report.result,
      error = case
        when settled_report.outcome <> 'success' then coalesce(settled_report.error, settled_report.outcome)
      end
    from settled_report, supaqueue.queue
    where job.id = settled_report.job
      and queue.id = settled_report.queue
  )
  select
    coalesce(array_agg(settled_report.worker) filter (where settled_report.worker is not null), '{}'),
    coalesce(array_agg(settled_report.token), '{}')
  into freed, settled
  from settled_report;

  reporting := set_config('supaqueue.reporting', '', true);

  again := '{}';
  stale := '{}';
  if cardinality(settled) < jsonb_array_length(report.reports) then
    select
      coalesce(array_agg(entry.token) filter (where current_job.id is not null), '{}'),
      coalesce(array_agg(entry.token) filter (where current_job.id is null), '{}')
    into again, stale
    from jsonb_to_recordset(report.reports) as entry (token uuid)
    left join supaqueue.current_job on current_job.id = entry.token
      and (report.queue is null or current_job.queue = report.queue)
    where entry.token <> all (settled);
  end if;
end;
$$;

comment on function supaqueue.report(jsonb, uuid) is 'Writes down the outcomes of calls, by token. Returns freed workers and the tokens that changed nothing.';
revoke execute on function supaqueue.report(jsonb, uuid) from public, anon, authenticated;
grant execute on function supaqueue.report(jsonb, uuid) to service_role;
