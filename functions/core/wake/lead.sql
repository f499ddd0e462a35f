-- lead: a run becomes the leader of its queue, or prolongs its heartbeat, if it can.
--
-- reads      supaqueue.queue
-- writes     supaqueue.heartbeat
--
-- The leader is the one run that polls. Everybody who enqueues relies on it, so the turn asks for this while most of the
-- heartbeat is still left. `turns` is how many turns the run has taken, for who looks. Returns whether the run is the leader
-- now.

create or replace function supaqueue_internal.lead(queue uuid, run uuid, turns integer default null)
returns boolean
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  at timestamptz := clock_timestamp();
  before uuid;
begin
  select heartbeat.run into before from supaqueue.heartbeat where heartbeat.queue = lead.queue;
  update supaqueue.heartbeat
  set
    run = lead.run, awake_until = at + interval '5 seconds', turned_at = at, turns = lead.turns,
    led_since = case when heartbeat.run = lead.run then heartbeat.led_since else at end,
    -- Who leads looks for all, and says itself when it comes back: from here on nobody relies on who said so before.
    back_run = null, back_at = null
  where heartbeat.queue = (
    select held.queue from supaqueue.heartbeat as held join supaqueue.queue as home on home.id = held.queue
    where held.queue = lead.queue
      and (held.run = lead.run or held.run is null or held.awake_until <= at)
    for update of held skip locked for key share of home skip locked
  );
  -- Held by somebody else just now: who was the leader stays, and tries again in
  -- its next turn. To leave instead would strand those who relied on it.
  return found or before is not distinct from lead.run;
end;
$$;

comment on function supaqueue_internal.lead(uuid, uuid, integer) is 'A run becomes the leader of its queue, or prolongs its heartbeat, if it can.';
