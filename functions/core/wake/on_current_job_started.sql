-- on_current_job_started: a current job that no run has yet ticks for one: a tick for as
-- many as one run has lanes, never one per job.
--
-- How many more the run that was ticked for has lanes for is in a setting of the
-- transaction, undone with a savepoint as the tick is. A condition and a setting, since
-- most current jobs have their run: a transition table would cost every turn.

create or replace function supaqueue_internal.on_current_job_started()
returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  ticked text := current_setting('supaqueue.ticked', true);
  lanes_left integer := case when starts_with(ticked, new.queue::text) then substr(ticked, 38)::integer else 0 end;
begin
  if lanes_left = 0 then
    perform supaqueue_internal.tick(new.queue);
    lanes_left := supaqueue_internal.lanes();
  end if;
  ticked := set_config('supaqueue.ticked', concat(new.queue, ' ', lanes_left - 1), true);
  return null;
end;
$$;

comment on function supaqueue_internal.on_current_job_started() is 'Current jobs that no run has yet tick for one.';
revoke execute on function supaqueue_internal.on_current_job_started() from public, anon, authenticated;

drop trigger if exists on_current_job_started on supaqueue.current_job;
create trigger on_current_job_started
  after insert on supaqueue.current_job
  for each row
  when (new.dispatcher is null)
  execute function supaqueue_internal.on_current_job_started();
