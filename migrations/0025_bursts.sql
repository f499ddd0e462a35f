-- Bursts: many enqueues with the same dedupe_key become few jobs. Remembers when the next of a throttled key may run.
--
-- Locks nothing: the function that gets more arguments goes, and comes again with them. A new installation has none yet.

drop function if exists supaqueue.enqueue(
  text, jsonb, integer, timestamptz, interval, text, text, jsonb, integer, integer, integer, text, uuid, bigint[], boolean
);

create table supaqueue.throttle (
  queue   uuid        not null,
  key     text        not null,
  free_at timestamptz not null,

  constraint throttle_has_a_row_per_key
    primary key (queue, key),
  constraint throttle_belongs_to_a_queue
    foreign key (queue) references supaqueue.queue on update cascade on delete cascade,
  constraint throttle_key_has_at_most_1000_bytes
    check (octet_length(key) <= 1000),
  constraint throttle_free_at_is_in_1900_to_9999
    check (free_at between '1900-01-01 00:00:00+00' and '9999-12-31 23:59:59+00')
);

comment on table  supaqueue.throttle         is 'Dedupe keys that were enqueued with throttle, until their period is over.';
comment on column supaqueue.throttle.key     is 'The dedupe_key.';
comment on column supaqueue.throttle.free_at is 'Before that no further job with this key begins, but the one that waits.';

create index throttle_by_time on supaqueue.throttle (free_at);

alter table supaqueue.throttle enable row level security;

revoke all on supaqueue.throttle from public, anon, authenticated;
grant select, insert, update, delete on supaqueue.throttle to service_role;
