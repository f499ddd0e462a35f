-- reprocess: enqueue copies of failed jobs.
--
-- called by  users
-- reads      supaqueue.failed_jobs
-- writes     supaqueue.job, and what note_bulk writes
--
-- Of a queue (the newest failed jobs first), of a batch, of certain jobs; of what is
-- given, all must hold. At most `most`. A copy has retry_of, and begins with no
-- attempts; the failed job stays as it is and is never copied twice, for its copy is
-- there as long as it is. Left alone are jobs that somebody holds, and those whose
-- dedupe_key another job has taken: the newest of several with the same key is copied.
-- A key that stays taken until its job is pruned stays with that job.
-- Returns an array of the ids of the copies, in the order of the failed jobs: a set would
-- be cut by the Data API at 1,000 rows.
--
-- Errors: SQ404 no such queue, SQ422 neither queue, batch nor jobs.

create or replace function supaqueue.reprocess(
  queue text default null, batch uuid default null, jobs bigint[] default null, most integer default 1000
)
returns bigint[]
language plpgsql
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
set enable_hashjoin = off
set enable_mergejoin = off
set enable_material = off
set jit = off
as $$
declare
  target uuid;
  held bigint[];
  copies bigint[];
begin
  if num_nonnulls(reprocess.queue, reprocess.batch, reprocess.jobs) = 0 then
    raise exception using
      errcode = 'SQ422',
      message = 'reprocess needs a queue, a batch or the ids of jobs',
      hint = 'Such as supaqueue.reprocess(queue => ''send-mail''), or supaqueue.reprocess(jobs => array[42]). Nothing was changed.';
  end if;
  if reprocess.queue is not null then
    target := (supaqueue_internal.find_queue(reprocess.queue)).id;
  end if;

  if num_nonnulls(reprocess.batch, reprocess.jobs) = 0 then
    held := array(
      select failed_jobs.job
      from supaqueue.failed_jobs
      where failed_jobs.queue = target
      order by failed_jobs.failed_at desc, failed_jobs.job desc
      limit case when reprocess.most < 0 then 0 else reprocess.most end
    );
  elsif reprocess.jobs is null then
    held := array(
      select job.id
      from supaqueue.job
      where job.batch = reprocess.batch
        and job.status = 'failed'
        and not exists (select from supaqueue.job as copy where copy.retry_of = job.id)
      order by job.id
      limit case when reprocess.most < 0 then 0 else reprocess.most end
    );
  else
    held := reprocess.jobs;
  end if;

  held := supaqueue_internal.may_begin_again(held, target, reprocess.batch, reprocess.most);
  with copy as (
    insert into supaqueue.job (
      queue, payload, priority, url, method, headers, query, timeout_ms, max_attempts, retry_base_ms, retry_max_ms,
      dedupe_key, version, concurrency_key, batch, batch_index, retry_of, owner, origin
    )
    select
      original.queue, original.payload, original.priority, original.url, original.method, original.headers, original.query,
      original.timeout_ms, original.max_attempts, original.retry_base_ms, original.retry_max_ms,
      case when not original.dedupe_pruned then original.dedupe_key end,
      original.version, original.concurrency_key, original.batch, original.batch_index, original.id, original.owner, original.origin
    from supaqueue.job as original
    where original.id = any (held)
    order by original.id
    returning job.id
  )
  select coalesce(array_agg(copy.id order by copy.id), '{}') into copies from copy;
  perform supaqueue_internal.note_bulk(
    'copy failed jobs',
    coalesce(target, (select job.queue from supaqueue.job where job.id = copies[1])),
    cardinality(copies),
    jsonb_strip_nulls(jsonb_build_object('batch', reprocess.batch))
  );
  return copies;
exception when unique_violation then
  raise exception using
    errcode = 'SQ409',
    message = 'a job with the dedupe_key of one of these jobs was enqueued at the same moment',
    hint = 'Nothing was changed. Call it again: that job will be left alone.';
end;
$$;

comment on function supaqueue.reprocess(text, uuid, bigint[], integer) is 'Enqueues copies of failed jobs, each at most once. Returns their ids.';
