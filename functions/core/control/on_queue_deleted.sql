-- on_queue_deleted: a queue is about to be deleted, and all that it has.
--
-- Its foreign keys would lock the workers first and then the jobs, while users and
-- triggers lock a job before its worker: they would wait for each other. Those that
-- are pending are locked too, since any of them may be begun until the workers are.
-- Security definer: whoever may delete a queue may not touch its jobs.

create or replace function supaqueue_internal.on_queue_deleted()
returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  perform
  from supaqueue.job
  where job.queue = old.id and job.status in ('pending', 'in_progress')
  order by job.id
  for update;
  return old;
end;
$$;

comment on function supaqueue_internal.on_queue_deleted() is 'Locks the jobs of a queue that is about to be deleted.';

drop trigger if exists on_queue_deleted on supaqueue.queue;
create trigger on_queue_deleted
  before delete on supaqueue.queue
  for each row
  execute function supaqueue_internal.on_queue_deleted();
