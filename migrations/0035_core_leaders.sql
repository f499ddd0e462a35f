-- Since when a run leads its queue, and how many turns it has taken. Adds empty columns to
-- supaqueue.heartbeat, which has a row per queue: the lock is short whatever the size.

alter table supaqueue.heartbeat
  add column led_since timestamptz,
  add column turns integer,
  add constraint heartbeat_led_since_is_in_1900_to_9999
    check (led_since between '1900-01-01 00:00:00+00' and '9999-12-31 23:59:59+00'),
  add constraint heartbeat_turns_is_not_negative
    check (turns >= 0);

comment on column supaqueue.heartbeat.led_since is 'Since when this run is the leader.';
comment on column supaqueue.heartbeat.turns     is 'How many turns it has taken, up to a second late. Null of a dispatcher that does not say.';
