-- truncate_queue: delete all jobs of a queue, with their batches and their history.
--
-- called by  users
-- writes     supaqueue.job, supaqueue.batch and what depends on them; what note_act writes
--
-- Whatever became of them, and also those in progress: a call that is under way
-- cannot be stopped, but its report changes nothing any more. The queue, its workers
-- and its schedules stay. Jobs that others enqueue meanwhile stay, too.
-- Returns how many jobs were deleted. Errors: SQ404.

create or replace function supaqueue.truncate_queue(queue text)
returns bigint
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  target constant supaqueue.queue := supaqueue_internal.find_queue(truncate_queue.queue);
  ids constant bigint[] := array(
    select job.id from supaqueue.job where job.queue = target.id order by job.id for update
  );
begin
  perform supaqueue_internal.lock_workers(ids);
  delete from supaqueue.job where job.id = any (ids);
  delete from supaqueue.batch
  where batch.queue = target.id
    and not exists (select from supaqueue.job where job.batch = batch.id);
  perform supaqueue_internal.note_act('truncate queue', target.id, jobs => cardinality(ids));
  return cardinality(ids);
end;
$$;

comment on function supaqueue.truncate_queue(text) is 'Deletes all jobs of a queue. Returns how many.';
