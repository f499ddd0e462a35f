-- on_job_put_back: the user gives another status to a job that was held or had ended: it
-- waits for its sources again.
--
-- Its name has it fire before the trigger on_job_written, whose function check_job_status notes when a job ended. What the
-- core itself writes is right as it is; how that is known stands there, too.
-- Security definer: whoever may write this table may not write dependencies.

create or replace function supaqueue_internal.on_job_put_back()
returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  return supaqueue_internal.put_back(old, new);
end;
$$;

comment on function supaqueue_internal.on_job_put_back() is 'The user gives another status to a job that was held or had ended: it waits for its sources again.';

drop trigger if exists on_job_put_back on supaqueue.job;
create trigger on_job_put_back
  before update of status on supaqueue.job
  for each row
  when (
    old.status not in ('pending', 'in_progress')
    and current_setting('supaqueue.internal_write', true) is distinct from pg_trigger_depth()::text
  )
  execute function supaqueue_internal.on_job_put_back();
