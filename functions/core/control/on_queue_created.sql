-- on_queue_created: a queue gets its heartbeat, asleep, and its key_lock.
--
-- Security definer: whoever may create a queue may not write the heartbeat.

create or replace function supaqueue_internal.on_queue_created()
returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  insert into supaqueue.heartbeat (queue) values (new.id);
  insert into supaqueue.key_lock (queue) values (new.id);
  return null;
end;
$$;

comment on function supaqueue_internal.on_queue_created() is 'A queue gets its heartbeat and its key_lock.';

drop trigger if exists on_queue_created on supaqueue.queue;
create trigger on_queue_created
  after insert on supaqueue.queue
  for each row
  execute function supaqueue_internal.on_queue_created();
