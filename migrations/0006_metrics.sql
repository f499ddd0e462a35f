-- Metrics: how often what happened, kept as the walk goes.

-- What happened since the last sweep. Only ever inserted, so nobody waits for
-- anybody; the sweep adds it up and takes it away. Null counts as 0. Without a
-- foreign key: it would cost every insert a look at the queue.
create table supaqueue.counter_delta (
  queue        uuid not null,
  enqueued     integer,
  begun        integer,
  ended        text[],
  call_ms      real[],
  wait_ms      real[],
  leases_lost  integer,
  duplicates   integer,
  wake_ups     integer,
  runs         integer,
  turn_ms      real,

  constraint counter_delta_counts_are_not_negative
    check (enqueued >= 0 and begun >= 0 and leases_lost >= 0 and duplicates >= 0 and wake_ups >= 0 and runs >= 0),
  constraint counter_delta_turn_ms_is_at_most_ten_million
    check (turn_ms between 0 and 10000000)
) with (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000);

comment on table  supaqueue.counter_delta             is 'What happened since the last sweep, which adds it up.';
comment on column supaqueue.counter_delta.enqueued    is 'Jobs that were inserted.';
comment on column supaqueue.counter_delta.begun       is 'Attempts that were begun.';
comment on column supaqueue.counter_delta.ended       is 'How attempts ended, one by one: success, failed or killed (for good), retried, deferred, rescheduled, dropped and so on.';
comment on column supaqueue.counter_delta.call_ms     is 'How long calls took, one by one.';
comment on column supaqueue.counter_delta.wait_ms     is 'How long jobs that ended an attempt had been due when it began, one by one.';
comment on column supaqueue.counter_delta.leases_lost is 'Leases that ran out.';
comment on column supaqueue.counter_delta.duplicates  is 'Jobs that were not enqueued, since another had their dedupe_key.';
comment on column supaqueue.counter_delta.wake_ups    is 'Wake-ups that were posted.';
comment on column supaqueue.counter_delta.runs        is 'Runs that took their first turn.';
comment on column supaqueue.counter_delta.turn_ms     is 'How long the turn took that writes this.';

-- Without an index to know rows by, or none could be deleted where a publication has all tables.
alter table supaqueue.counter_delta replica identity full;

-- How far jobs have been counted. One row.
create table supaqueue.last_count (
  only_one    boolean     primary key default true,
  up_to       bigint      not null default 0,
  mark        bigint,
  marked_at   timestamptz,
  marked_xact xid8,

  constraint last_count_is_one_row
    check (only_one),
  constraint last_count_marked_at_is_in_1900_to_9999
    check (marked_at between '1900-01-01 00:00:00+00' and '9999-12-31 23:59:59+00')
) with (fillfactor = 50);

comment on table  supaqueue.last_count             is 'How far jobs have been counted: the sweep counts what was inserted, so that no insert has to.';
comment on column supaqueue.last_count.only_one    is 'There is only one row.';
comment on column supaqueue.last_count.up_to       is 'Jobs up to this id have been counted.';
comment on column supaqueue.last_count.mark        is 'The newest job there was; to be counted up to once nobody can still insert an older one.';
comment on column supaqueue.last_count.marked_at   is 'When that was.';
comment on column supaqueue.last_count.marked_xact is 'Whoever had an id by then had begun before this transaction.';

insert into supaqueue.last_count default values;

-- What happened ever since. Only the sweep writes it. Without a foreign key: to
-- insert a row would wait for whoever deletes the queue.
create table supaqueue.counter (
  queue       uuid             primary key,
  enqueued    bigint           not null default 0,
  begun       bigint           not null default 0,
  succeeded   bigint           not null default 0,
  failed      bigint           not null default 0,
  killed      bigint           not null default 0,
  retried     bigint           not null default 0,
  deferred    bigint           not null default 0,
  rescheduled bigint           not null default 0,
  dropped     bigint           not null default 0,
  leases_lost bigint           not null default 0,
  duplicates  bigint           not null default 0,
  wake_ups    bigint           not null default 0,
  runs        bigint           not null default 0,
  calls       bigint[]         not null default '{}',
  calls_ms    double precision not null default 0,
  waits       bigint[]         not null default '{}',
  waits_ms    double precision not null default 0,
  turns       bigint[]         not null default '{}',
  turns_ms    double precision not null default 0,

  constraint counter_counts_fit_javascript
    check (enqueued between 0 and 9007199254740991
      and begun between 0 and 9007199254740991
      and succeeded between 0 and 9007199254740991
      and failed between 0 and 9007199254740991
      and killed between 0 and 9007199254740991
      and retried between 0 and 9007199254740991
      and deferred between 0 and 9007199254740991
      and rescheduled between 0 and 9007199254740991
      and dropped between 0 and 9007199254740991
      and leases_lost between 0 and 9007199254740991
      and duplicates between 0 and 9007199254740991
      and wake_ups between 0 and 9007199254740991
      and runs between 0 and 9007199254740991
      and (calls_ms = 0 or calls_ms between 1e-300 and 9007199254740991)
      and (waits_ms = 0 or waits_ms between 1e-300 and 9007199254740991)
      and (turns_ms = 0 or turns_ms between 1e-300 and 9007199254740991))
) with (fillfactor = 50, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000);

comment on table  supaqueue.counter       is 'What happened up to the last sweep. The view queue_counters adds what happened since.';
comment on column supaqueue.counter.failed is 'Jobs that failed for good, those that were killed among them.';
comment on column supaqueue.counter.calls is 'How many calls took how long: one number for each of histogram_bounds, and one for those that took longer.';
comment on column supaqueue.counter.waits is 'How many jobs had been due for how long when they were begun, in the same way.';
comment on column supaqueue.counter.turns is 'How many turns took how long, in the same way. Turns that found nothing to do are not among them.';

alter table supaqueue.counter_delta enable row level security;
alter table supaqueue.last_count enable row level security;
alter table supaqueue.counter enable row level security;

revoke all on supaqueue.counter_delta, supaqueue.last_count, supaqueue.counter from public, anon, authenticated;
grant select, insert, update, delete on supaqueue.counter_delta, supaqueue.last_count, supaqueue.counter
  to service_role;
