-- on_current_job_deleted: a current job that was deleted by hand, or whose job went with its
-- queue: the worker is free, and the job, if it still is there, goes back.
--
-- Its call may still be running, so this counts as an attempt of unknown outcome.

create or replace function supaqueue.on_current_job_deleted()
returns trigger
language plpgsql
set search_path = ''
as $$
begin
  update supaqueue.job
  set
    status = (case when job.attempts < queue.max_attempts then 'pending' else 'failed' end)::supaqueue.job_status,
    error = 'its current job was deleted'
  from supaqueue.queue
  where job.id = old.job
    and job.status = 'in_progress'
    and queue.id = job.queue;

  update supaqueue.worker set locked = false where worker.id = old.worker and worker.locked;
  return null;
end;
$$;

comment on function supaqueue.on_current_job_deleted() is 'A current job was deleted: frees its worker and puts its job back.';
revoke execute on function supaqueue.on_current_job_deleted() from public, anon, authenticated;

drop trigger if exists on_current_job_deleted on supaqueue.current_job;
create trigger on_current_job_deleted
  after delete on supaqueue.current_job
  for each row
  when (current_setting('supaqueue.reporting', true) is distinct from 'on')
  execute function supaqueue.on_current_job_deleted();
