-- on_job_written: what a user may write into a job.
--
-- A null status is read as held. Only a pairing with a worker sets a job in
-- progress, and while it is, it stays in its queue: otherwise it would hold no
-- seat, or a seat of the wrong queue.

create or replace function supaqueue.on_job_written()
returns trigger
language plpgsql
set search_path = ''
as $$
begin
  if new.status is null then
    new.status := 'held';
    return new;
  end if;

  raise exception using
    errcode = 'SQ409',
    message = case when tg_op = 'UPDATE' and old.status = 'in_progress'
      then format('job %s is in progress and cannot move to another queue', old.id)
      else 'only a worker sets a job in progress' end,
    hint = 'Write the status pending: a free worker of the queue takes the job. To take a job in progress back, set it to held or cancelled first.';
end;
$$;

comment on function supaqueue.on_job_written() is 'Reads a null status as held, and refuses what would leave a job without its seat.';
revoke execute on function supaqueue.on_job_written() from public, anon, authenticated;

drop trigger if exists on_job_inserted on supaqueue.job;
create trigger on_job_inserted
  before insert on supaqueue.job
  for each row
  when (new.status is null or new.status = 'in_progress')
  execute function supaqueue.on_job_written();

drop trigger if exists on_job_written on supaqueue.job;
create trigger on_job_written
  before update of status, queue on supaqueue.job
  for each row
  when (
    new.status is null
    or old.status = 'in_progress' and new.queue <> old.queue
    or old.status <> 'in_progress' and new.status = 'in_progress'
      and current_setting('supaqueue.pairing', true) is distinct from 'on'
  )
  execute function supaqueue.on_job_written();
