-- canary_verdict: how the jobs that a canary put back have fared.
--
-- called by  users
-- reads      supaqueue.job, supaqueue.attempt
--
-- verdict  what it means
-- stop     at least one failed alike again, be it for good or so far
-- wait     none did, and some have not ended yet
-- look     none did, but some failed of something else, or none succeeded
-- go       all that ended succeeded
--
-- Jobs that were deleted or cancelled meanwhile are not counted.

create or replace function supaqueue.canary_verdict(
  jobs bigint[],
  fingerprint text,
  out verdict text,
  out succeeded integer,
  out failed_alike integer,
  out failed_otherwise integer,
  out open integer
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select
    case
      when tally.failed_alike > 0 then 'stop'
      when tally.open > 0 then 'wait'
      when tally.failed_otherwise > 0 or tally.succeeded = 0 then 'look'
      else 'go'
    end,
    tally.*
  from (
    select
      count(*) filter (where fate.status = 'success')::integer as succeeded,
      count(*) filter (where fate.alike)::integer as failed_alike,
      count(*) filter (where fate.status = 'failed' and not fate.alike)::integer as failed_otherwise,
      count(*) filter (where fate.status in ('held', 'pending', 'in_progress') and not fate.alike)::integer as open
    from (
      select
        job.status,
        -- retry_failed took the old error away: this one is new.
        coalesce(job.error is not null and canary_verdict.fingerprint = (
          select supaqueue.fingerprint(attempt.outcome, attempt.status, job.error)
          from supaqueue.attempt
          where attempt.job = job.id
          order by attempt.id desc
          limit 1
        ), false) as alike
      from supaqueue.job
      where job.id = any (canary_verdict.jobs)
    ) as fate
  ) as tally
$$;

comment on function supaqueue.canary_verdict(bigint[], text) is 'What became of the jobs that a canary put back: stop, wait, look or go.';
