-- on_queue_rate_changed: a queue has another rate limit, or none any more; at commit its
-- queue gets a run, if none is awake.
--
-- Security definer: whoever may write this table may not read the heartbeat.

create or replace function supaqueue_internal.on_queue_rate_changed()
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

comment on function supaqueue_internal.on_queue_rate_changed() is 'A queue has another rate limit: wakes it.';

drop trigger if exists on_queue_rate_changed on supaqueue.queue;
create constraint trigger on_queue_rate_changed
  after update of rate_limit on supaqueue.queue
  deferrable initially deferred
  for each row
  when (new.rate_limit is distinct from old.rate_limit)
  execute function supaqueue_internal.on_queue_rate_changed();
