-- run_now: a job is due at once, whatever its run_at was: planned, snoozed or waiting
-- for its next attempt.
--
-- called by  users
-- writes     supaqueue.job, whose trigger wakes the queue; on a paused queue what begin_despite_pause writes; what note_act writes
--
-- It takes its turn by its priority. On a paused queue it begins all the same, one
-- attempt of it, if there is a free worker and no limit in the way. Returns false when
-- there is: then it is due, and begins when the queue is resumed, or by another
-- run_now. A job in progress stays as it is. Errors: SQ404, SQ409 when it is held or
-- has ended.

create or replace function supaqueue.run_now(job bigint)
returns boolean
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  target constant supaqueue.job := supaqueue_internal.find_job(run_now.job);
  home supaqueue.queue;
begin
  if target.status not in ('pending', 'in_progress') then
    raise exception using
      errcode = 'SQ409',
      message = format('job %s is %s', target.id, target.status),
      hint = 'Nothing was changed. supaqueue.release(job) releases a held job; supaqueue.retry(job) runs one again that has ended.';
  end if;
  if target.status = 'in_progress' then
    return true;
  end if;

  perform supaqueue_internal.note_act('run now', target.queue, target.id, before => jsonb_build_object('run_at', target.run_at));
  select * into home from supaqueue.queue where queue.id = target.queue;
  if home.paused and supaqueue_internal.begin_despite_pause(target, home) then
    return true;
  end if;
  update supaqueue.job set run_at = clock_timestamp()
  where job.id = target.id and job.run_at > clock_timestamp();
  return not home.paused;
end;
$$;

comment on function supaqueue.run_now(bigint) is 'Makes a job due at once, and starts it even on a paused queue. Returns false if something prevents that.';
