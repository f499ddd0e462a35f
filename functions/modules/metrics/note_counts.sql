-- note_counts: counts what happened in a queue.
--
-- writes     supaqueue.counter_delta, which is only ever inserted into: nobody waits for anybody
--
-- In place of the core's default. Never raises: what a trigger of the user's refuses is not counted, and said to be so.

create or replace function supaqueue_internal.note_counts(
  queue uuid, begun integer default null, ended text[] default null, call_ms real[] default null, wait_ms real[] default null,
  leases_lost integer default null, duplicates integer default null, wake_ups integer default null, runs integer default null,
  turn_ms real default null
)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  insert into supaqueue.counter_delta (queue, begun, ended, call_ms, wait_ms, leases_lost, duplicates, wake_ups, runs, turn_ms)
  values (
    note_counts.queue, note_counts.begun, note_counts.ended, note_counts.call_ms, note_counts.wait_ms,
    note_counts.leases_lost, note_counts.duplicates, note_counts.wake_ups, note_counts.runs, note_counts.turn_ms
  );
  -- None of ours is deferred there.
  if exists (select from pg_trigger where pg_trigger.tgrelid = 'supaqueue.counter_delta'::regclass and pg_trigger.tginitdeferred) then
    perform supaqueue_internal.fire_deferred('supaqueue.counter_delta');
  end if;
exception when query_canceled or assert_failure or others then
  perform supaqueue_internal.put_aside(
    'counters', note_counts.queue::text, sqlstate, format('something that happened was not counted: %s', sqlerrm), queue => note_counts.queue
  );
end;
$$;

comment on function supaqueue_internal.note_counts(uuid, integer, text[], real[], real[], integer, integer, integer, integer, real) is 'Counts what happened in a queue.';
