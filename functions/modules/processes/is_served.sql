-- is_served: whether a process that lives serves a queue, so that it needs no wake-up.
--
-- called by  modules
-- reads      supaqueue.process, supaqueue.queue; locks nothing
--
-- As notify_process tells it, which is on the way of an insert and asks by itself.

create or replace function supaqueue_internal.is_served(queue uuid)
returns boolean
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
  at constant timestamptz := clock_timestamp();
begin
  return exists (
    select from supaqueue.process
    join supaqueue.queue as served
      on (process.functions or served.url is not null)
      and (process.queues is null or served.name = any (process.queues))
    where served.id = is_served.queue and process.lease_until between at and at + interval '1 minute'
  );
end;
$$;

comment on function supaqueue_internal.is_served(uuid) is 'Whether a process that lives serves a queue.';
