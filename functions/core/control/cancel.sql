-- cancel: a job is not to run, or its outcome is not wanted any more.
--
-- called by  users
-- writes     supaqueue.job; its triggers take the current job away; what note_act writes
--
-- A job that waits is cancelled at once. One in progress loses its lease and its
-- worker: a call that is under way cannot be stopped, but its report changes nothing
-- any more. A failed one that keeps the jobs after it waiting no longer does. Returns whether
-- it was cancelled: false when it had ended before.
-- Errors: SQ404.

create or replace function supaqueue.cancel(job bigint)
returns boolean
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  target constant supaqueue.job := supaqueue_internal.find_job(cancel.job);
begin
  if target.status in ('success', 'cancelled') or target.status = 'failed' and not supaqueue_internal.blocks_line(target) then
    return false;
  end if;
  update supaqueue.job set status = 'cancelled' where job.id = target.id;
  perform supaqueue_internal.note_act(
    'cancel', target.queue, target.id, before => jsonb_build_object('status', target.status)
  );
  return true;
end;
$$;

comment on function supaqueue.cancel(bigint) is 'Cancels a job. Returns whether it had not ended before.';
