-- prune: delete finished jobs that are older than their queue keeps them.
--
-- called by  sweep, and by hand
-- reads      supaqueue.queue, supaqueue.job_dependency
-- writes     supaqueue.job, and with it supaqueue.attempt and supaqueue.job_dependency; supaqueue.batch;
--            pg_cron's history of our own jobs; supaqueue.api_answer
--
-- Returns how many jobs were deleted, at most `most`: a small batch, the oldest of
-- each queue first, by the index of finished jobs. Nobody waits: jobs that somebody
-- holds are left for the next time, as are those whose results a job may yet ask for,
-- and copies of a failed job that is still there, since it could be copied again. A
-- batch goes with the last of its jobs.

create or replace function supaqueue.prune(most integer default 1000)
returns integer
language plpgsql
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
set enable_hashjoin = off
set enable_mergejoin = off
set enable_bitmapscan = off
set enable_material = off
set enable_sort = off
set jit = off
as $$
declare
  at constant timestamptz := clock_timestamp();
  pruned integer;
  batches uuid[];
begin
  if current_setting('transaction_isolation') <> 'read committed' then
    raise exception using
      errcode = 'SQ409',
      message = format('prune cannot work by the picture that a %s transaction has of the past', current_setting('transaction_isolation')),
      hint = 'Call it in a transaction of its own. Nothing was changed.';
  end if;

  with
  aged as materialized (
    select oldest.id
    -- In any order, so that no queue with much to delete stands in the way of the others for long.
    from (select queue.id, queue.keep_success, queue.keep_failed from supaqueue.queue order by random()) as queue
    cross join unnest(array['success', 'failed', 'cancelled']::supaqueue.job_status[]) as status
    cross join lateral (
      select job.id
      from supaqueue.job
      where job.queue = queue.id
        and job.status = status.status
        -- As the index says it.
        and job.status in ('success', 'failed', 'cancelled')
        and job.finished_at < at - case status.status when 'failed' then queue.keep_failed else queue.keep_success end
      order by job.finished_at
      limit prune.most * 10
    ) as oldest
    limit prune.most * 10
  ),
  free as materialized (
    select job.id
    from aged
    join supaqueue.job on job.id = aged.id
    where job.status in ('success', 'failed', 'cancelled')
      and not exists (
        select
        from supaqueue.job_dependency
        join supaqueue.job as target on target.id = job_dependency.target
        where job_dependency.source = job.id and target.status in ('held', 'pending', 'in_progress')
      )
      -- Whoever writes down how a source ended holds this row.
      and not exists (
        select from supaqueue.job_dependency
        where job_dependency.target = job.id and job_dependency.ended_as is null
      )
      and not exists (select from supaqueue.job as original where original.id = job.retry_of)
    limit prune.most
    for update of job skip locked
  ),
  gone as (
    delete from supaqueue.job using free where job.id = free.id returning job.batch
  )
  select count(*), array_agg(distinct gone.batch) filter (where gone.batch is not null)
  into pruned, batches
  from gone;

  if batches is not null then
    batches := array(
      select batch.id from supaqueue.batch where batch.id = any (batches) order by batch.id for update skip locked
    );
    -- A statement of its own: it sees the jobs that came until just now.
    delete from supaqueue.batch
    where batch.id = any (batches) and not exists (select from supaqueue.job where job.batch = batch.id);
  end if;

  perform supaqueue_internal.prune_cron_history(prune.most);
  perform supaqueue_internal.prune_api_answers(prune.most);
  return pruned;
end;
$$;

comment on function supaqueue.prune(integer) is 'Deletes finished jobs that are older than their queue keeps them. Returns how many.';
revoke execute on function supaqueue.prune(integer) from public, anon, authenticated;
grant execute on function supaqueue.prune(integer) to service_role;
