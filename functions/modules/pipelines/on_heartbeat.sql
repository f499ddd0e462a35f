-- on_heartbeat: a run keeps a queue awake, once a second, or puts it to sleep: the
-- moment to look again at dependencies that could not be settled.
--
-- Whoever met a held row was, most likely, a turn: so a queue is awake, and nothing
-- waits for the sweep. Costs one look at a table that is all but always empty.

create or replace function supaqueue_internal.on_heartbeat()
returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  if exists (select from supaqueue.unsettled) then
    begin
      perform supaqueue_internal.look_again(100);
    exception when query_canceled or assert_failure or others then
      -- The sweep comes to the same, and says so: no queue is to sleep for it.
      return null;
    end;
  end if;
  return null;
end;
$$;

comment on function supaqueue_internal.on_heartbeat() is 'A queue is kept awake or falls asleep: looks again at dependencies that could not be settled.';

drop trigger if exists on_heartbeat on supaqueue.heartbeat;
create trigger on_heartbeat
  after update of awake_until on supaqueue.heartbeat
  for each row
  -- Not when a run is only woken.
  when (new.run is not null or new.awake_until is null)
  execute function supaqueue_internal.on_heartbeat();
