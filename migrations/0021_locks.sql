-- What one waits for, or is refused by, is a row: any role can take an advisory lock of any
-- number, and no stranger can lock a row of ours. Two new tables.

create table supaqueue.key_lock (
  queue uuid primary key references supaqueue.queue on delete cascade
) with (fillfactor = 50, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 500);

comment on table supaqueue.key_lock is 'Whoever begins jobs of a queue that has per_key holds its row: two that count at once see neither''s jobs.';

insert into supaqueue.key_lock (queue) select queue.id from supaqueue.queue;

create table supaqueue.named_lock (
  space text not null,
  name  text not null,

  primary key (space, name),

  constraint named_lock_space_is_known
    check (space in ('doors', 'idempotency', 'pgqueuer'))
) with (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000);

comment on table  supaqueue.named_lock       is 'Names that a transaction takes for as long as it lasts. Always empty to others: see supaqueue_internal.take_name.';
comment on column supaqueue.named_lock.space is 'doors: who opens or closes a door, one at a time. idempotency: a request with an Idempotency-Key that is under way. pgqueuer: a dedupe_key of fn_pgqueuer_enqueue, which is unique across queues.';

alter table supaqueue.key_lock enable row level security;
alter table supaqueue.named_lock enable row level security;

revoke all on supaqueue.key_lock, supaqueue.named_lock from public, anon, authenticated;
grant select, insert, update, delete on supaqueue.key_lock, supaqueue.named_lock to service_role;
