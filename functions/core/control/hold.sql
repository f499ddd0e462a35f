-- hold: a job that waits is not to begin until it is released, also not when the jobs
-- it depends on have ended.
--
-- called by  users
-- writes     supaqueue.job, and what note_act writes
--
-- Returns whether it was held by this: false when the user held it before.
-- Errors: SQ404, SQ409 when it is in progress or has ended.

create or replace function supaqueue.hold(job bigint)
returns boolean
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  target constant supaqueue.job := supaqueue_internal.find_job(hold.job);
begin
  if target.status not in ('held', 'pending') then
    raise exception using
      errcode = 'SQ409',
      message = format('job %s is %s', target.id, replace(target.status::text, '_', ' ')),
      hint = 'Nothing was changed. Only a job that waits can be held; one in progress can be cancelled: supaqueue.cancel(job).';
  end if;
  if target.status = 'held' and target.waits_for = 0 then
    return false;
  end if;
  update supaqueue.job set status = 'held' where job.id = target.id;
  perform supaqueue_internal.note_act('hold', target.queue, target.id);
  return true;
end;
$$;

comment on function supaqueue.hold(bigint) is 'Holds a waiting job until it is released. Returns whether it was not held before.';
