-- Bursts: many enqueues with the same dedupe_key become few jobs. Remembers when the next of a throttled key may run.
--
-- Locks nothing: the function that gets more arguments goes, and comes again with them. A new installation has none yet.

drop function if exists supaqueue.enqueue(
  text, jsonb, integer, timestamptz, interval, text, text, jsonb, integer, integer, integer, text, uuid, bigint[], boolean
);

create table supaqueue.throttled_key (
  queue   uuid        not null,
  key     text        not null,
  free_at timestamptz not null,

  constraint throttled_key_has_a_row_per_key
    primary key (queue, key),
  constraint throttled_key_belongs_to_a_queue
    foreign key (queue) references supaqueue.queue on update cascade on delete cascade,
  constraint throttled_key_key_has_at_most_1000_bytes
    check (octet_length(key) <= 1000),
  constraint throttled_key_free_at_is_in_1900_to_9999
    check (free_at between '1900-01-01 00:00:00+00' and '9999-12-31 23:59:59+00')
);

comment on table  supaqueue.throttled_key         is 'Dedupe keys that were enqueued with throttle, until their period is over.';
comment on column supaqueue.throttled_key.key     is 'The dedupe_key.';
comment on column supaqueue.throttled_key.free_at is 'Before that no further job with this key begins, but the one that waits.';

create index throttled_key_by_time on supaqueue.throttled_key (free_at);

alter table supaqueue.throttled_key enable row level security;

revoke all on supaqueue.throttled_key from public, anon, authenticated;
grant select, insert, update, delete on supaqueue.throttled_key to service_role;
