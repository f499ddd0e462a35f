-- key_has_room: whether the key of a job, and its line, let it begin now.
--
-- reads      supaqueue.job, by its index of running jobs, and what ahead_in_line reads
--
-- In place of the core's default. As due_jobs_by_key has it: the queue's row of key_lock is held until the end of the
-- transaction, since two sessions that count at once see neither's jobs. Where somebody else holds it, there is no room.

create or replace function supaqueue_internal.key_has_room(job supaqueue.job, per_key integer)
returns boolean
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  if not supaqueue_internal.lock_keys((key_has_room.job).queue) then
    return false;
  end if;
  if (key_has_room.job).concurrency_key is not null and key_has_room.per_key <= (
    select count(*) from supaqueue.job as other
    where other.queue = (key_has_room.job).queue
      and other.status = 'in_progress'
      and other.concurrency_key = (key_has_room.job).concurrency_key
  ) then
    return false;
  end if;
  return supaqueue_internal.ahead_in_line(key_has_room.job) is null;
end;
$$;

comment on function supaqueue_internal.key_has_room(supaqueue.job, integer) is 'Whether the key of a job, and its line, let it begin now.';
