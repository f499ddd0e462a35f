-- retry_failures: put the failed jobs of a queue back, those of one fingerprint or all.
--
-- called by  users
-- reads      supaqueue.failed_jobs
-- writes     supaqueue.job, and what note_bulk writes
--
-- The newest first, at most `most` of them, and ten thousand at once: what the view
-- failures counts. `per_second` of them are due each second; null is all at once. Each
-- job keeps its row and its id, and has its attempts anew. Returns how many were put
-- back: call it again until that is 0.
--
-- Errors: SQ404 no such queue, SQ422 a rate that is not valid.

create or replace function supaqueue.retry_failures(
  queue text, fingerprint text default null, most integer default null, per_second double precision default null
)
returns integer
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  target constant supaqueue.queue := supaqueue_internal.find_queue(retry_failures.queue);
  jobs constant bigint[] := array(
    select failed_jobs.job
    from supaqueue.failed_jobs
    where failed_jobs.queue = target.id
      and failed_jobs.fingerprint = coalesce(retry_failures.fingerprint, failed_jobs.fingerprint)
    order by failed_jobs.failed_at desc, failed_jobs.job desc
    limit case when retry_failures.most < 0 then 0 else retry_failures.most end
  );
  retried integer;
begin
  retried := (select count(*) from supaqueue_internal.retry_failed(jobs, retry_failures.per_second));
  perform supaqueue_internal.note_bulk(
    'retry failed jobs', target.id, retried,
    jsonb_strip_nulls(jsonb_build_object('fingerprint', retry_failures.fingerprint)), retry_failures.per_second
  );
  return retried;
end;
$$;

comment on function supaqueue.retry_failures(text, text, integer, double precision) is 'Runs the failed jobs of a queue again, of one fingerprint or all. Returns how many.';
