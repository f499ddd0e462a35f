-- Backfills: rows that are there already become jobs of a hook, slice by slice. Locks nothing.

create table supaqueue.backfill (
  id          bigint           generated always as identity primary key,
  hook        uuid             not null,
  condition   text,
  per_second  double precision not null,
  status      text             not null default 'running',
  after       text[],
  slice       integer          not null default 1000,
  estimate    bigint           not null default 0,
  looked_at   bigint           not null default 0,
  created_at  timestamptz      not null default now(),
  last_at     timestamptz,
  next_try_at timestamptz      not null default '-infinity',
  finished_at timestamptz,
  failures    integer          not null default 0,
  code        text,
  reason      text,

  constraint backfill_is_of_a_hook
    foreign key (hook) references supaqueue.hook on update cascade on delete cascade,
  constraint backfill_status_is_known
    check (status in ('running', 'done', 'cancelled')),
  constraint backfill_per_second_is_positive
    check (per_second between 0.001 and 1e6),
  constraint backfill_slice_is_1_to_1000
    check (slice between 1 and 1000),
  constraint backfill_counts_are_not_negative
    check (estimate between 0 and 9007199254740991 and looked_at between 0 and 9007199254740991 and failures between 0 and 1000000),
  constraint backfill_finished_at_is_when_it_is_not_running
    check ((status = 'running') = (finished_at is null)),
  constraint backfill_times_are_in_1900_to_9999
    check (created_at between '1900-01-01 00:00:00+00' and '9999-12-31 23:59:59+00'
      and last_at between '1900-01-01 00:00:00+00' and '9999-12-31 23:59:59+00'
      and finished_at between '1900-01-01 00:00:00+00' and '9999-12-31 23:59:59+00'
      and next_try_at < '10000-01-01 00:00:00+00')
) with (fillfactor = 70);

comment on table  supaqueue.backfill             is 'Rows of a table that are there already, on their way to become jobs of its hook. Written by backfill and the sweep.';
comment on column supaqueue.backfill.condition   is 'Which rows: SQL over the row `new`. Null: all.';
comment on column supaqueue.backfill.per_second  is 'How many rows a second are looked at, at most.';
comment on column supaqueue.backfill.after       is 'The primary key of the last row that was looked at. Null: none yet.';
comment on column supaqueue.backfill.slice       is 'How many rows are looked at at once: fewer where somebody holds one.';
comment on column supaqueue.backfill.estimate    is 'How many rows the table had, as its statistics say.';
comment on column supaqueue.backfill.next_try_at is 'When it goes on, after it failed.';

create index backfill_by_hook on supaqueue.backfill (hook);
create index backfill_running on supaqueue.backfill (id) where status = 'running';

alter table supaqueue.backfill enable row level security;

revoke all on supaqueue.backfill from public, anon, authenticated;
-- Its condition is run as the owner: nobody else writes it.
grant select on supaqueue.backfill to service_role;
