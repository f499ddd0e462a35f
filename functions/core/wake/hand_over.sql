-- hand_over: a run that will take no more work sees to it that somebody does.
--
-- reads      supaqueue.queue, and what count_due and needs_run read
-- writes     supaqueue.heartbeat, pg_net's request queue
--
-- The leader puts the queue to sleep if no job is due, else wakes a
-- successor. Whoever is not the leader wakes one only when there is none, and not if somebody has just done so, unless it
-- was to come back: then it may be the one that was woken. Returns whether the queue was put to sleep.

create or replace function supaqueue_internal.hand_over(queue supaqueue.queue, run uuid)
returns boolean
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  heartbeat supaqueue.heartbeat;
  may_leave boolean := true;
begin
  select seen.* into heartbeat from supaqueue.heartbeat as seen where seen.queue = (hand_over.queue).id;
  if heartbeat.back_run = hand_over.run then
    -- Whoever enqueues relies on it. As when a run falls asleep: nobody may who has yet to commit.
    may_leave := pg_try_advisory_xact_lock(1398100049, uuid_hash((hand_over.queue).id));
    -- Where somebody holds the row, a run leads from now on, or is woken.
    update supaqueue.heartbeat as left_behind
    set back_run = null, back_at = null
    where left_behind.queue = (
      select held.queue from supaqueue.heartbeat as held join supaqueue.queue as home on home.id = held.queue
      where held.queue = (hand_over.queue).id for update of held skip locked for key share of home skip locked
    );
  end if;

  if heartbeat.run = hand_over.run then
    if supaqueue_internal.count_due((hand_over.queue).id, supaqueue_internal.next_look((hand_over.queue).id)) = 0
      and supaqueue_internal.fall_asleep((hand_over.queue).id, hand_over.run) is not null
    then
      return true;
    end if;
  -- A clock that was set back leaves a wake-up in the future.
  elsif heartbeat.back_run is distinct from hand_over.run
      and heartbeat.woken_at between clock_timestamp() - interval '1 second' and clock_timestamp() + interval '1 minute'
    or may_leave and not supaqueue_internal.needs_run(hand_over.queue)
  then
    return false;
  end if;

  perform supaqueue_internal.wake((hand_over.queue).id, awaited => true);
  return false;
end;
$$;

comment on function supaqueue_internal.hand_over(supaqueue.queue, uuid) is 'A run that takes no more work puts its queue to sleep or wakes a successor.';
