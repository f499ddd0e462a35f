-- on_call_left: the user took a job out of a batch; at commit its worker is free if none of the batch is left.
--
-- At commit, and not before: the jobs of a batch share a worker, and a user who holds it would delay what becomes of
-- all the others. Held by somebody else it stays as it is: he frees it, or the sweep does (mend_pairs).
-- Security definer: at commit the role may be another than the one that deleted.

create or replace function supaqueue_internal.on_call_left()
returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  worker uuid;
begin
  if exists (select from supaqueue.current_job where current_job.worker = old.worker) then
    return null;
  end if;
  select worker.id into worker from supaqueue.worker
  where worker.id = old.worker and worker.locked
  for no key update skip locked;
  if found and not exists (select from supaqueue.current_job where current_job.worker = worker) then
    update supaqueue.worker set locked = false where worker.id = worker;
  end if;
  return null;
end;
$$;

comment on function supaqueue_internal.on_call_left() is 'A job was taken out of a batch: frees the worker when it was the last.';
revoke execute on function supaqueue_internal.on_call_left() from public, anon, authenticated;

drop trigger if exists on_call_left on supaqueue.current_job;
create constraint trigger on_call_left
  after delete on supaqueue.current_job
  deferrable initially deferred
  for each row
  when (old.call is not null and old.worker is not null and current_setting('supaqueue.walking', true) is distinct from pg_trigger_depth()::text)
  execute function supaqueue_internal.on_call_left();
