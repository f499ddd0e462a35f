-- on_job_finished: finished_at says when a job became success, failed or cancelled,
-- whoever wrote that; a job that is put back has not finished any more.

create or replace function supaqueue.on_job_finished()
returns trigger
language plpgsql
set search_path = ''
as $$
begin
  new.finished_at := case when new.status in ('success', 'failed', 'cancelled') then clock_timestamp() end;
  return new;
end;
$$;

comment on function supaqueue.on_job_finished() is 'finished_at says when a job became success, failed or cancelled.';
revoke execute on function supaqueue.on_job_finished() from public, anon, authenticated;

drop trigger if exists on_job_finished on supaqueue.job;
create trigger on_job_finished
  before insert or update of status on supaqueue.job
  for each row
  -- A null status becomes held in the next trigger.
  when (coalesce(new.status in ('success', 'failed', 'cancelled'), false) <> (new.finished_at is not null))
  execute function supaqueue.on_job_finished();
