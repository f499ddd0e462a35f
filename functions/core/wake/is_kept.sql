-- is_kept: another run keeps a queue awake, and is bound to look once more.
--
-- called by  supaqueue_turn, before a run leaves that found nothing
-- reads      supaqueue.pulse
--
-- A run that leaves relies on the leader as an enqueue does, and so needs the
-- same lock (see answer). It may have come for a job that the leader's last look
-- was too early for, and have passed it over because somebody held a row.
-- Refused is no, unless a stranger has the lock: as long as he has it, nobody
-- falls asleep, and whoever does so later looks later.

create or replace function supaqueue_internal.is_kept(queue uuid, run uuid)
returns boolean
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  if not supaqueue_internal.lock_sleep(is_kept.queue) and supaqueue_internal.may_fall_asleep(is_kept.queue) then
    return false;
  end if;

  return exists (
    select from supaqueue.pulse
    where pulse.queue = is_kept.queue
      and pulse.run <> is_kept.run
      and pulse.awake_until > clock_timestamp()
  );
end;
$$;

comment on function supaqueue_internal.is_kept(uuid, uuid) is 'Another run keeps a queue awake, and is bound to look once more.';
revoke execute on function supaqueue_internal.is_kept(uuid, uuid) from public, anon, authenticated;
grant execute on function supaqueue_internal.is_kept(uuid, uuid) to service_role;
