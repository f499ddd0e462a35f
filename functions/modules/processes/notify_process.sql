-- notify_process: tell a process that stays that a queue has work.
--
-- reads      supaqueue.process, supaqueue.queue
--
-- In place of the core's default.
-- All processes that serve the queue hear of it: who is the leader, or finds the leader needing help, goes on. What is
-- heard is a queue's id, and everybody who may connect can hear it, or say it. One that died without a word is told until
-- its lease is over, and the sweep finds what that cost.

create or replace function supaqueue_internal.notify_process(queue uuid)
returns boolean
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  at constant timestamptz := clock_timestamp();
  one uuid;
  told boolean := false;
begin
  -- A clock that was set back leaves leases in the far future.
  for one in
    select process.id
    from supaqueue.process
    join supaqueue.queue as served
      on (process.functions or served.url is not null)
      and (process.queues is null or served.name = any (process.queues))
    where process.lease_until between at and at + interval '1 minute'
      and served.id = notify_process.queue
  loop
    exit when not supaqueue_internal.may_notify();
    perform pg_notify('supaqueue', concat_ws(' ', one, notify_process.queue));
    told := true;
  end loop;
  return told;
end;
$$;

comment on function supaqueue_internal.notify_process(uuid) is 'Tells a process that stays that a queue has work. Returns whether there is one.';
