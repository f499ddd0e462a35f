-- on_queue_resumed: a queue is no longer paused, or what held its jobs back was changed;
-- at commit it gets a run, if none is awake.
--
-- Security definer: whoever may write this table may not read the heartbeat.

create or replace function supaqueue_internal.on_queue_resumed()
returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  perform supaqueue_internal.ensure_run(new.id, once => false);
  return null;
end;
$$;

comment on function supaqueue_internal.on_queue_resumed() is 'A queue was resumed: wakes it.';

drop trigger if exists on_queue_resumed on supaqueue.queue;
create constraint trigger on_queue_resumed
  after update of paused, per_key, mode on supaqueue.queue
  deferrable initially deferred
  for each row
  when (
    old.paused and not new.paused
    or new.per_key is distinct from old.per_key
    or new.mode <> old.mode
  )
  execute function supaqueue_internal.on_queue_resumed();
