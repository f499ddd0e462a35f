-- on_worker_unlocked: the user took the job from a worker, or tried to move one.
--
-- A worker that is unlocked by hand loses its job, which goes back; a busy worker
-- cannot move to another queue, for its job belongs to this one. free_workers unlocks
-- workers whose job is gone: there is nothing to take.

create or replace function supaqueue_internal.on_worker_unlocked()
returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  if new.queue <> old.queue then
    raise exception using
      errcode = 'SQ409',
      message = format('worker %s has a job and cannot move to another queue', old.id),
      hint = 'Move it once it is free, or insert a new worker there and delete this one: it still finishes its job.';
  end if;
  delete from supaqueue.current_job where current_job.worker = new.id;
  return null;
end;
$$;

comment on function supaqueue_internal.on_worker_unlocked() is 'A worker unlocked by hand loses its job; a busy one stays in its queue.';

drop trigger if exists on_worker_unlocked on supaqueue.worker;
create trigger on_worker_unlocked
  after update of locked, queue on supaqueue.worker
  for each row
  when (
    old.locked and (not new.locked or new.queue <> old.queue)
    and current_setting('supaqueue.internal_write', true) is distinct from pg_trigger_depth()::text
  )
  execute function supaqueue_internal.on_worker_unlocked();
