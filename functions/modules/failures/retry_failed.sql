-- retry_failed: put failed jobs back, each in its own row and with all its attempts.
--
-- writes     supaqueue.job
--
-- In the order of `jobs`, `per_second` of them a second, or all at once; one that waits
-- for others is held by its trigger. Left alone are those that somebody holds, that are
-- not failed any more, that were copied, and those whose dedupe_key another job has
-- taken: of several with the same key the newest is the one. Returns the ids of those
-- that were put back.

create or replace function supaqueue_internal.retry_failed(jobs bigint[], per_second double precision default null)
returns setof bigint
language plpgsql
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
set enable_hashjoin = off
set enable_mergejoin = off
set enable_material = off
set jit = off
as $$
declare
  at constant timestamptz := clock_timestamp();
  held bigint[];
begin
  if not (retry_failed.per_second >= 0.000001 and retry_failed.per_second <> 'NaN') then
    raise exception using
      errcode = 'SQ422',
      message = format('%s jobs a second is not a valid rate', retry_failed.per_second),
      hint = 'per_second is more than 0, and may be a fraction (0.000001 at least); null is all at once. Nothing was changed.';
  end if;

  held := supaqueue_internal.may_begin_again(retry_failed.jobs);
  return query
  with
  chosen as (
    select job, row_number() over (order by array_position(retry_failed.jobs, job)) - 1 as place
    from unnest(held) as job
  )
  update supaqueue.job
  set
    status = 'pending',
    run_at = at + coalesce(chosen.place / retry_failed.per_second, 0) * interval '1 second',
    attempts = 0,
    deferrals = 0,
    deferred_since = null,
    lost_claims = 0,
    batch_limit = null,
    repeats = 0,
    result = null,
    error = null,
    progress_percent = null,
    progress_note = null
  from chosen
  where job.id = chosen.job
  returning job.id;
exception when unique_violation then
  raise exception using
    errcode = 'SQ409',
    message = 'a job with the dedupe_key of one of these jobs was enqueued at the same moment',
    hint = 'Nothing was changed. Call it again: that job will be left alone.';
end;
$$;

comment on function supaqueue_internal.retry_failed(bigint[], double precision) is 'Puts failed jobs back, with all their attempts. Returns the ids of those that were.';
