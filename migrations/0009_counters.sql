-- Counters: how often what happened, kept as the walk goes.

-- What happened since the last sweep. Only ever inserted, so nobody waits for
-- anybody; the sweep adds it up and takes it away. Null counts as 0. Without a
-- foreign key: it would cost every insert a look at the queue.
create table supaqueue.counter_delta (
  queue    uuid not null,
  enqueued integer
) with (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000);

comment on table  supaqueue.counter_delta          is 'What happened since the last sweep, which adds it up.';
comment on column supaqueue.counter_delta.enqueued is 'Jobs that were inserted.';

-- How far jobs have been counted. One row.
create table supaqueue.last_count (
  only_one    boolean     primary key default true,
  up_to       bigint      not null default 0,
  mark        bigint,
  marked_at   timestamptz,
  marked_xact xid8,

  constraint last_count_is_one_row
    check (only_one)
) with (fillfactor = 50);

comment on table  supaqueue.last_count             is 'How far jobs have been counted: the sweep counts what was inserted, so that no insert has to.';
comment on column supaqueue.last_count.only_one    is 'There is only one row.';
comment on column supaqueue.last_count.up_to       is 'Jobs up to this id have been counted.';
comment on column supaqueue.last_count.mark        is 'The newest job there was; to be counted up to once nobody can still insert an older one.';
comment on column supaqueue.last_count.marked_at   is 'When that was.';
comment on column supaqueue.last_count.marked_xact is 'Whoever had an id by then had begun before this transaction.';

insert into supaqueue.last_count default values;

alter table supaqueue.counter_delta enable row level security;
alter table supaqueue.last_count enable row level security;

revoke all on supaqueue.counter_delta, supaqueue.last_count from public, anon, authenticated;
grant select, insert, update, delete on supaqueue.counter_delta, supaqueue.last_count to service_role;

-- Others do their work now.
drop function if exists supaqueue.on_job_deduped() cascade;
drop function if exists supaqueue.on_job_finished() cascade;
