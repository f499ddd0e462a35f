-- run_now: a job is due at once, whatever its run_at was: planned, snoozed or waiting
-- for its next attempt.
--
-- called by  users
-- writes     supaqueue.job, whose wire rings
--
-- It takes its turn by its priority. Returns whether its queue begins jobs: false when
-- that is paused, and then the job begins as soon as the queue is resumed. A job in
-- progress stays as it is. Errors: SQ404, SQ409 when it is held or has ended.

create or replace function supaqueue.run_now(job bigint)
returns boolean
language plpgsql
set search_path = ''
as $$
declare
  target constant supaqueue.job := supaqueue.find_job(run_now.job);
begin
  if target.status not in ('pending', 'in_progress') then
    raise exception using
      errcode = 'SQ409',
      message = format('job %s is %s', target.id, target.status),
      hint = 'Nothing was changed. A held job is released by supaqueue.release(job); one that has ended begins anew by supaqueue.retry(job).';
  end if;
  update supaqueue.job set run_at = clock_timestamp()
  where job.id = target.id and job.status = 'pending' and job.run_at > clock_timestamp();
  return not (select queue.paused from supaqueue.queue where queue.id = target.queue);
end;
$$;

comment on function supaqueue.run_now(bigint) is 'Makes a job due at once. Returns false when its queue is paused.';
revoke execute on function supaqueue.run_now(bigint) from public, anon, authenticated;
grant execute on function supaqueue.run_now(bigint) to service_role;
