-- release: a job that is held is pending again.
--
-- called by  users
-- writes     supaqueue.job, whose trigger wakes the queue; what note_act writes
--
-- It begins when its run_at has come. Returns whether it was released by this: false
-- when it was not held. Errors: SQ404, SQ409 when it waits for other jobs, or has ended.

create or replace function supaqueue.release(job bigint)
returns boolean
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  target constant supaqueue.job := supaqueue_internal.find_job(release.job);
begin
  if target.status in ('success', 'failed', 'cancelled') then
    raise exception using
      errcode = 'SQ409',
      message = format('job %s has ended: it is %s', target.id, target.status),
      hint = 'Nothing was changed. supaqueue.retry(job) runs it again.';
  end if;
  if target.status = 'held' and target.waits_for > 0 then
    raise exception using
      errcode = 'SQ409',
      message = format('job %s waits for %s other jobs', target.id, target.waits_for),
      hint = 'Nothing was changed. It is released when they have ended. If it should not wait for them, cancel it and enqueue it again.';
  end if;
  if target.status <> 'held' then
    return false;
  end if;
  update supaqueue.job set status = 'pending' where job.id = target.id;
  perform supaqueue_internal.note_act('release', target.queue, target.id);
  return true;
end;
$$;

comment on function supaqueue.release(bigint) is 'Releases a held job. Returns whether it was held.';
