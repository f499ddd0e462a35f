-- on_current_job_started: current jobs that no run has yet tick for one: a tick for as many
-- as one run has lanes, never one per job.

create or replace function supaqueue.on_current_job_started()
returns trigger
language plpgsql
set search_path = ''
as $$
declare
  waiting record;
begin
  for waiting in
    select started.queue, count(*) as jobs
    from started
    where started.dispatcher is null
    group by started.queue
  loop
    for i in 1 .. ceil(waiting.jobs::numeric / supaqueue.lanes()) loop
      perform supaqueue.tick(waiting.queue);
    end loop;
  end loop;
  return null;
end;
$$;

comment on function supaqueue.on_current_job_started() is 'Current jobs that no run has yet tick for one.';
revoke execute on function supaqueue.on_current_job_started() from public, anon, authenticated;

drop trigger if exists on_current_job_started on supaqueue.current_job;
create trigger on_current_job_started
  after insert on supaqueue.current_job
  referencing new table as started
  for each statement
  execute function supaqueue.on_current_job_started();
