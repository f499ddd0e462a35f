-- failed_jobs: the jobs that failed for good, each with what it has in common with others.
--
-- The newest ten thousand of each queue (newest_failed). Jobs that reprocess copied are
-- not among them: their copies have taken their place.

create or replace view supaqueue.failed_jobs with (security_invoker = true) as
select
  queue.id as queue,
  queue.name as queue_name,
  job.id as job,
  supaqueue.fingerprint(coalesce(last.outcome, 'failed'), last.status, job.error) as fingerprint,
  job.attempts,
  job.finished_at as failed_at,
  job.error,
  job.payload,
  job.batch,
  coalesce(job.dedupe_key, job.begun_key) as dedupe_key
from supaqueue.queue
cross join lateral supaqueue_internal.newest_failed(queue.id) as job
left join lateral (
  select attempt.outcome, attempt.status
  from supaqueue.attempt
  where attempt.job = job.id
  order by attempt.id desc
  limit 1
) as last on true;

comment on view supaqueue.failed_jobs is 'The jobs that failed for good: the newest ten thousand of each queue, without those that were copied.';
revoke all on supaqueue.failed_jobs from public, anon, authenticated;
grant select on supaqueue.failed_jobs to service_role;
