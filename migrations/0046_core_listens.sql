-- A leader that hears of each commit need not look for it. Adds an empty column to supaqueue.heartbeat, which has a row per
-- queue: the lock is short whatever the size.

alter table supaqueue.heartbeat
  add column listens_until timestamptz,
  add constraint heartbeat_listens_until_is_in_1900_to_9999
    check (listens_until between '1900-01-01 00:00:00+00' and '9999-12-31 23:59:59+00');

comment on column supaqueue.heartbeat.listens_until is 'Until then who commits a job tells the leader, by NOTIFY. Null and past: the leader looks by itself.';
