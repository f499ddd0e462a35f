-- canary: try a few jobs of a fingerprint again, before all of them are.
--
-- called by  users
-- reads      supaqueue.failed_jobs
-- writes     supaqueue.job, and what note_bulk writes
--
-- The newest first. Returns an array of the ids of the jobs that were put back, for canary_verdict.
--
-- Errors: SQ404 no such queue.

create or replace function supaqueue.canary(queue text, fingerprint text, most integer default 5)
returns bigint[]
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  target constant supaqueue.queue := supaqueue_internal.find_queue(canary.queue);
  tried bigint[];
begin
  tried := array(
    select again.job
    from supaqueue_internal.retry_failed(array(
      select failed_jobs.job
      from supaqueue.failed_jobs
      where failed_jobs.queue = target.id and failed_jobs.fingerprint = canary.fingerprint
      order by failed_jobs.failed_at desc, failed_jobs.job desc
      limit case when canary.most < 0 then 0 else canary.most end
    )) as again (job)
  );
  perform supaqueue_internal.note_bulk('try failed jobs', target.id, cardinality(tried), jsonb_build_object('fingerprint', canary.fingerprint));
  return tried;
end;
$$;

comment on function supaqueue.canary(text, text, integer) is 'Tries a few jobs of a fingerprint again. Returns their ids.';
