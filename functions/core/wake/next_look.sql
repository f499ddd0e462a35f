-- next_look: until when a sleeping queue need not be woken for jobs that are due later.
--
-- reads      supaqueue.heartbeat
--
-- When a run that waits for a planned job comes back; without one fifteen seconds ahead, so that the sweep, which comes
-- every ten and may be late, finds every planned job before its time. Should that run die, the sweep
-- finds its jobs once their time has come.

create or replace function supaqueue_internal.next_look(queue uuid)
returns timestamptz
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  latest constant timestamptz := clock_timestamp() + interval '15 seconds';
begin
  return coalesce(
    (
      select heartbeat.back_at
      from supaqueue.heartbeat
      where heartbeat.queue = next_look.queue
        and heartbeat.back_at between clock_timestamp() and latest
    ),
    latest
  );
end;
$$;

comment on function supaqueue_internal.next_look(uuid) is 'Until when a sleeping queue need not be woken for jobs that are due later.';
