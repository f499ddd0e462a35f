-- on_current_job_deleted: a current job that was deleted by hand, or whose job went with its
-- queue: the worker is free, and the job, if it still is there, goes back.
--
-- Its call may still be running, so this counts as an attempt of unknown outcome.
--
-- The current job is locked by now, and comes last in the order of locks. So this
-- waits for nobody: when somebody else holds the job or the worker, it is refused. The worker of a
-- batch belongs to the others, too: supaqueue.left_calls notes it for whoever looks at commit.

create or replace function supaqueue_internal.on_current_job_deleted()
returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  held_job bigint;
  held_worker uuid;
begin
  select job.id into held_job from supaqueue.job where job.id = old.job for no key update skip locked;
  if old.call is null then
    select worker.id into held_worker from supaqueue.worker where worker.id = old.worker for no key update skip locked;
  end if;
  if held_job is null and exists (select from supaqueue.job where job.id = old.job)
    or old.call is null and held_worker is null and exists (select from supaqueue.worker where worker.id = old.worker)
  then
    raise exception using
      errcode = 'SQ409',
      message = format('the job or the worker of current job %s is held by another transaction', old.id),
      hint = 'Nothing was changed. Try again once that transaction has ended.';
  end if;

  update supaqueue.job
  set
    status = (case when job.attempts < coalesce(job.max_attempts, queue.max_attempts) then 'pending' else 'failed' end)::supaqueue.job_status,
    error = 'its current job was deleted'
  from supaqueue.queue
  where job.id = old.job
    and job.status = 'in_progress'
    and queue.id = job.queue;

  if old.call is null then
    update supaqueue.worker set locked = false where worker.id = old.worker and worker.locked;
  elsif strpos(coalesce(current_setting('supaqueue.left_calls', true), ''), old.worker::text) = 0 then
    perform set_config(
      'supaqueue.left_calls', concat_ws(' ', nullif(current_setting('supaqueue.left_calls', true), ''), old.worker), true
    );
  end if;
  return null;
end;
$$;

comment on function supaqueue_internal.on_current_job_deleted() is 'A current job was deleted: frees its worker and puts its job back.';

drop trigger if exists on_current_job_deleted on supaqueue.current_job;
create trigger on_current_job_deleted
  after delete on supaqueue.current_job
  for each row
  when (current_setting('supaqueue.internal_write', true) is distinct from pg_trigger_depth()::text)
  execute function supaqueue_internal.on_current_job_deleted();
