-- When a run that put its queue to sleep looks again, for a planned job. Adds empty columns to
-- supaqueue.heartbeat, which has a row per queue: the lock is short whatever the size.

alter table supaqueue.heartbeat
  add column back_run uuid,
  add column back_at timestamptz,
  add constraint heartbeat_back_run_and_back_at_go_together
    check ((back_run is null) = (back_at is null)),
  add constraint heartbeat_back_at_is_in_1900_to_9999
    check (back_at between '1900-01-01 00:00:00+00' and '9999-12-31 23:59:59+00');

comment on column supaqueue.heartbeat.back_run is 'The run that waits, while the queue sleeps, for the next planned job.';
comment on column supaqueue.heartbeat.back_at  is 'When it looks again. In the past: it has.';

-- It says now when the run is to come back.
drop function if exists supaqueue_internal.fall_asleep(uuid, uuid);
