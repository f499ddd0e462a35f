-- on_worker_freed: a worker was inserted, unlocked or moved to another queue; at commit
-- its queue gets a run, if none is awake.
--
-- Not again for the queue that this transaction looked at last; see on_job_ready.
-- Security definer: whoever may write this table may not read the heartbeat.

create or replace function supaqueue_internal.on_worker_freed()
returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  perform supaqueue_internal.ensure_run(new.queue, once => true);
  return null;
end;
$$;

comment on function supaqueue_internal.on_worker_freed() is 'A worker was inserted, unlocked or moved: wakes its queue.';

drop trigger if exists on_worker_freed on supaqueue.worker;
create constraint trigger on_worker_freed
  after insert or update of locked, queue on supaqueue.worker
  deferrable initially deferred
  for each row
  -- A case: of operands PostgreSQL promises no order, and this writes a setting.
  when (case
    when new.locked or current_setting('supaqueue.signaled', true) = new.queue::text then false
    else set_config('supaqueue.signaled', new.queue::text, true) is not null
  end)
  execute function supaqueue_internal.on_worker_freed();
