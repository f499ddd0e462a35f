-- on_job_taken_back: the user gave a job in progress another status.
--
-- Its current job goes, and with it the token: a report of the call that may
-- still be running changes nothing any more. Its worker is free, and locked first:
-- who locks a job and its worker does so in this order, and the current job after
-- them. Otherwise two users would wait for each other. The worker of a batch is left alone: its
-- other jobs may go on.

create or replace function supaqueue_internal.on_job_taken_back()
returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  if old.status <> 'in_progress' or new.status = 'in_progress' then
    return null;
  end if;

  perform
  from supaqueue.worker
  where worker.id = (
    select current_job.worker from supaqueue.current_job where current_job.job = new.id and current_job.call is null
  )
  for no key update;

  delete from supaqueue.current_job where current_job.job = new.id;
  return null;
end;
$$;

comment on function supaqueue_internal.on_job_taken_back() is 'A job in progress was taken back by hand: its current job goes.';

drop trigger if exists on_job_taken_back on supaqueue.job;
create trigger on_job_taken_back
  after update of status on supaqueue.job
  for each row
  when (current_setting('supaqueue.internal_write', true) is distinct from pg_trigger_depth()::text)
  execute function supaqueue_internal.on_job_taken_back();
