-- keep_awake: a run becomes or stays the leader of its queue, if it can.
--
-- called by  supaqueue_turn
-- writes     supaqueue.pulse, at most once a second
--
-- The leader is the one run that polls. Everybody who enqueues relies on it, so
-- the pulse is prolonged while most of it is still left. Returns whether the run
-- is the leader now.

create or replace function supaqueue_internal.keep_awake(queue uuid, run uuid)
returns boolean
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  at timestamptz := clock_timestamp();
  seen supaqueue.pulse;
begin
  select * into seen from supaqueue.pulse where pulse.queue = keep_awake.queue;

  if seen.run = keep_awake.run and seen.awake_until > at + interval '4 seconds' then
    return true;
  end if;

  update supaqueue.pulse
  set run = keep_awake.run, awake_until = at + interval '5 seconds'
  where pulse.queue = (
    select held.queue
    from supaqueue.pulse as held
    where held.queue = keep_awake.queue
      and (held.run = keep_awake.run or held.run is null or held.awake_until <= at)
    for update skip locked
  );
  -- Held by somebody else just now: who was the leader stays, and tries again in
  -- its next turn. To leave instead would strand those who relied on it.
  return found or seen.run is not distinct from keep_awake.run;
end;
$$;

comment on function supaqueue_internal.keep_awake(uuid, uuid) is 'A run becomes or stays the leader of its queue, if it can.';
revoke execute on function supaqueue_internal.keep_awake(uuid, uuid) from public, anon, authenticated;
grant execute on function supaqueue_internal.keep_awake(uuid, uuid) to service_role;
