-- on_job_deleted: a job in progress is about to be deleted, and its current job with it.
--
-- Its worker is locked first: who locks a job and its worker does so in this order,
-- and the current job after them. Otherwise two users would wait for each other.
-- The worker of a batch is left alone: its other jobs may go on.

create or replace function supaqueue_internal.on_job_deleted()
returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  perform
  from supaqueue.worker
  where worker.id = (
    select current_job.worker from supaqueue.current_job where current_job.job = old.id and current_job.call is null
  )
  for no key update;
  return old;
end;
$$;

comment on function supaqueue_internal.on_job_deleted() is 'Locks the worker of a job that is about to be deleted.';

drop trigger if exists on_job_deleted on supaqueue.job;
create trigger on_job_deleted
  before delete on supaqueue.job
  for each row
  when (old.status = 'in_progress')
  execute function supaqueue_internal.on_job_deleted();
