-- delete_queue: delete a queue with all that it has: jobs, in progress or not, workers,
-- batches, schedules, history.
--
-- called by  users
-- writes     supaqueue.queue and what depends on it
--
-- A call that is under way cannot be stopped, but its report changes nothing any more.
-- The queue is locked first, then its jobs and workers, in the order of their ids.
-- Errors: SQ404.

create or replace function supaqueue.delete_queue(queue text)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  target constant supaqueue.queue := supaqueue_internal.find_queue(delete_queue.queue);
begin
  perform from supaqueue.queue where queue.id = target.id for update;
  perform supaqueue_internal.lock_workers(array(
    select job.id
    from supaqueue.job
    where job.queue = target.id and job.status in ('pending', 'in_progress')
    order by job.id
    for update
  ));
  delete from supaqueue.queue where queue.id = target.id;
end;
$$;

comment on function supaqueue.delete_queue(text) is 'Deletes a queue with all that it has.';
