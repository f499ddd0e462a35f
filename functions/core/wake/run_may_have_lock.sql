-- run_may_have_lock: whether who has the lock of a queue may be a run that puts it to sleep.
--
-- reads      pg_locks, pg_stat_activity
--
-- A session whose role can never be service_role or the owner, and may not take turns, has not called fall_asleep.

create or replace function supaqueue_internal.run_may_have_lock(queue uuid)
returns boolean
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  return exists (
    select from pg_locks
    left join pg_stat_activity using (pid)
    where pg_locks.locktype = 'advisory'
      and pg_locks.database = (select pg_database.oid from pg_database where pg_database.datname = current_database())
      and pg_locks.objsubid = 2
      and pg_locks.classid = 1398100049::oid
      and pg_locks.objid = (uuid_hash(run_may_have_lock.queue)::bigint & 4294967295)::oid
      and pg_locks.mode = 'ExclusiveLock'
      and pg_locks.granted
      and (
        pg_stat_activity.usesysid is null
        or pg_has_role(pg_stat_activity.usesysid, 'service_role', 'member')
        or supaqueue_internal.may_take_turns(pg_stat_activity.usesysid)
        or pg_stat_activity.usesysid = (select pg_proc.proowner from pg_proc where pg_proc.oid = 'supaqueue_internal.run_may_have_lock'::regproc)
      )
  );
end;
$$;

comment on function supaqueue_internal.run_may_have_lock(uuid) is 'Whoever holds the lock of a queue that is falling asleep may be a run.';
