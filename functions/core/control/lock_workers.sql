-- lock_workers: the workers that have these jobs, in the order of their ids.
--
-- expects    that its caller holds the jobs
-- locks      supaqueue.worker
--
-- The triggers that take many jobs back would lock them in any order, and two users who
-- do so would wait for each other. Workers of batches are left alone: their other jobs may go on.

create or replace function supaqueue_internal.lock_workers(jobs bigint[])
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  perform
  from supaqueue.worker
  where worker.id in (
    select current_job.worker from supaqueue.current_job where current_job.job = any (lock_workers.jobs) and current_job.call is null
  )
  order by worker.id
  for no key update;
end;
$$;

comment on function supaqueue_internal.lock_workers(bigint[]) is 'Locks the workers that have these jobs, in order.';
