-- failures: what jobs failed of, the most frequent first within each queue.
--
-- Counts what failed_jobs shows: the newest ten thousand failed jobs of each queue.

create or replace view supaqueue.failures with (security_invoker = true) as
select
  failed_jobs.queue,
  failed_jobs.queue_name,
  failed_jobs.fingerprint,
  count(*) as jobs,
  min(failed_jobs.failed_at) as first_seen,
  max(failed_jobs.failed_at) as last_seen,
  (array_agg(failed_jobs.job order by failed_jobs.failed_at desc, failed_jobs.job desc))[1] as example_job,
  (array_agg(failed_jobs.error order by failed_jobs.failed_at desc, failed_jobs.job desc))[1] as example_error
from supaqueue.failed_jobs
group by failed_jobs.queue, failed_jobs.queue_name, failed_jobs.fingerprint
order by failed_jobs.queue_name, count(*) desc;

comment on view supaqueue.failures is 'Why jobs failed, with counts, for the newest ten thousand failed jobs of each queue.';
revoke all on supaqueue.failures from public, anon, authenticated;
grant select on supaqueue.failures to service_role;
