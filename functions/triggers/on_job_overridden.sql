-- on_job_overridden: a job got something of its own, in place of its queue's, after it was
-- inserted.
--
-- Security definer: whoever may write jobs may not read the queue.

create or replace function supaqueue.on_job_overridden()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
begin
  perform supaqueue.assert_overrides(new);
  return new;
end;
$$;

comment on function supaqueue.on_job_overridden() is 'Refuses what a job cannot have of its own.';
revoke execute on function supaqueue.on_job_overridden() from public, anon, authenticated;

drop trigger if exists on_job_overridden on supaqueue.job;
create trigger on_job_overridden
  before update of url, method, headers, query, timeout_ms, max_attempts, retry_base_ms, retry_max_ms on supaqueue.job
  for each row
  execute function supaqueue.on_job_overridden();
