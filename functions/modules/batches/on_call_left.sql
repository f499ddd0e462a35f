-- on_call_left: the user took jobs out of batches; at commit their workers are free where none of a batch is left.
--
-- At commit, and not before: the jobs of a batch share a worker, and a user who held it would delay what becomes of
-- all the others. All workers that this transaction's jobs had, in the order of their ids (on_current_job_deleted notes them): whoever
-- ends another job of the batch holds the worker until he commits, and the later one sees that none is left.
-- Security definer: at commit the role may be another than the one that deleted.

create or replace function supaqueue_internal.on_call_left()
returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  workers constant uuid[] := string_to_array(nullif(current_setting('supaqueue.left_calls', true), ''), ' ')::uuid[];
begin
  if workers is null then
    return null;
  end if;
  perform set_config('supaqueue.left_calls', '', true);
  perform from supaqueue.worker where worker.id = any (workers) order by worker.id for no key update;
  update supaqueue.worker set locked = false
  where worker.id = any (workers)
    and worker.locked
    and not exists (select from supaqueue.current_job where current_job.worker = worker.id);
  return null;
end;
$$;

comment on function supaqueue_internal.on_call_left() is 'Jobs were taken out of batches: frees the workers of those that are empty.';

drop trigger if exists on_call_left on supaqueue.current_job;
create constraint trigger on_call_left
  after delete on supaqueue.current_job
  deferrable initially deferred
  for each row
  when (old.call is not null and old.worker is not null and current_setting('supaqueue.internal_write', true) is distinct from pg_trigger_depth()::text)
  execute function supaqueue_internal.on_call_left();
