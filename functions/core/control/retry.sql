-- retry: a job that has ended runs again: the same job, with all its attempts.
--
-- called by  users
-- writes     supaqueue.job, whose trigger wakes the queue; what note_act writes
--
-- It is due at once. What it handed on from slice to slice (state) stays, so that it
-- goes on from there. One that depends on others that have not ended is held until
-- they have. For a copy that leaves the ended job as it is: reprocess.
-- Errors: SQ404, SQ409 when it has not ended, or another job has its dedupe_key now.

create or replace function supaqueue.retry(job bigint)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  target constant supaqueue.job := supaqueue_internal.find_job(retry.job);
  holder supaqueue.job;
begin
  if target.status not in ('success', 'failed', 'cancelled') then
    raise exception using
      errcode = 'SQ409',
      message = format('job %s has not ended: it is %s', target.id, replace(target.status::text, '_', ' ')),
      hint = 'Nothing was changed. supaqueue.run_now(job) begins one that waits for its next attempt; supaqueue.release(job) one that is held.';
  end if;

  update supaqueue.job
  set
    status = 'pending', run_at = clock_timestamp(), attempts = 0, deferrals = 0, deferred_since = null, lost_claims = 0, repeats = 0, batch_limit = null, result = null, error = null,
    progress_percent = null, progress_note = null
  where job.id = target.id;
  perform supaqueue_internal.note_act(
    'retry', target.queue, target.id, before => jsonb_build_object('status', target.status, 'attempts', target.attempts)
  );
exception when unique_violation then
  holder := supaqueue_internal.job_with_key(target.queue, target.dedupe_key);
  raise exception using
    errcode = 'SQ409',
    message = format('job %s has the dedupe_key of job %s now', coalesce(holder.id::text, '(another)'), target.id),
    hint = 'Nothing was changed. Wait until that job has ended, or cancel it.';
end;
$$;

comment on function supaqueue.retry(bigint) is 'Runs a job again that has ended.';
