-- on_job_moved: a job in progress stays in its queue: otherwise it would hold a seat of
-- the wrong one.

create or replace function supaqueue.on_job_moved()
returns trigger
language plpgsql
set search_path = ''
as $$
begin
  raise exception using
    errcode = 'SQ409',
    message = format('job %s is in progress and cannot move to another queue', old.id),
    hint = 'To take a job in progress back, set it to held or cancelled first. Nothing was changed.';
end;
$$;

comment on function supaqueue.on_job_moved() is 'Refuses to move a job in progress to another queue.';
revoke execute on function supaqueue.on_job_moved() from public, anon, authenticated;

drop trigger if exists on_job_moved on supaqueue.job;
create trigger on_job_moved
  before update of queue on supaqueue.job
  for each row
  when (old.status = 'in_progress' and new.queue <> old.queue)
  execute function supaqueue.on_job_moved();
