-- on_rate_limit_changed: a rate limit was raised or taken away; at commit the
-- queues that have it get a run.
--
-- Security definer: whoever may write this table may not read the heartbeat.

create or replace function supaqueue_internal.on_rate_limit_changed()
returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  perform supaqueue_internal.ensure_run(queue.id, once => false) from supaqueue.queue where queue.rate_limit = new.name;
  return null;
end;
$$;

comment on function supaqueue_internal.on_rate_limit_changed() is 'A rate limit was changed: wakes the queues that have it.';

drop trigger if exists on_rate_limit_changed on supaqueue.rate_limit;
create constraint trigger on_rate_limit_changed
  after update of max_rps, burst on supaqueue.rate_limit
  deferrable initially deferred
  for each row
  execute function supaqueue_internal.on_rate_limit_changed();
