-- lock_sleep: the lock of the promise that a run looks once more before it sleeps.
--
-- called by  ensure_run, has_other_leader, fall_asleep
--
-- The only advisory lock there is. Its numbers, here and in may_fall_asleep: 1398100049,
-- which is 'SUPQ', and uuid_hash of the queue. Shared: I rely on the run that is awake.
-- Exclusive: the queue falls asleep. Never waited for, and given back when the transaction
-- ends. Returns whether it was free.
--
-- It is no row because every enqueue takes it, which must not write. So any role can take
-- it, as well, and keep it. Then the queue does not fall asleep, each enqueue costs a
-- wake-up, and nobody waits for anybody.

create or replace function supaqueue_internal.lock_sleep(queue uuid, exclusive boolean default false)
returns boolean
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  if lock_sleep.exclusive then
    return pg_try_advisory_xact_lock(1398100049, uuid_hash(lock_sleep.queue));
  end if;
  return pg_try_advisory_xact_lock_shared(1398100049, uuid_hash(lock_sleep.queue));
end;
$$;

comment on function supaqueue_internal.lock_sleep(uuid, boolean) is 'Takes the lock between those who rely on a run that is awake and the run that falls asleep. Returns whether it was free.';
