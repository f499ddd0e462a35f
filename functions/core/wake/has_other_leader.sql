-- has_other_leader: another run keeps a queue awake, and is bound to look once more.
--
-- reads      supaqueue.heartbeat
--
-- A run that leaves relies on the leader as an enqueue does, and so needs the
-- same lock (see ensure_run). It may have come for a job that the leader's last look
-- was too early for, and have passed it over because somebody held a row.
-- If the lock is refused the answer is no, unless its holder cannot be a run: while such a session has it no run
-- falls asleep, and one that does so later looks once more before.

create or replace function supaqueue_internal.has_other_leader(queue uuid, run uuid)
returns boolean
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  if not pg_try_advisory_xact_lock_shared(1398100049, uuid_hash(has_other_leader.queue))
    and supaqueue_internal.run_may_have_lock(has_other_leader.queue)
  then
    return false;
  end if;

  return exists (
    select from supaqueue.heartbeat
    where heartbeat.queue = has_other_leader.queue
      and heartbeat.run <> has_other_leader.run
      and heartbeat.awake_until > clock_timestamp()
  );
end;
$$;

comment on function supaqueue_internal.has_other_leader(uuid, uuid) is 'Another run keeps a queue awake, and is bound to look once more.';
