-- History: what happened in each queue, by the minute for a day and by the hour for a month.

-- Without a foreign key: to insert a row would wait for whoever deletes the queue.
create table supaqueue.history (
  queue       uuid             not null,
  span        text             not null,
  at          timestamptz      not null,
  enqueued    bigint           not null default 0,
  begun       bigint           not null default 0,
  succeeded   bigint           not null default 0,
  failed      bigint           not null default 0,
  retried     bigint           not null default 0,
  deferred    bigint           not null default 0,
  rescheduled bigint           not null default 0,
  dropped     bigint           not null default 0,
  leases_lost bigint           not null default 0,
  calls       jsonb            not null default '{}',
  calls_ms    double precision not null default 0,
  backlog     integer,
  oldest_s    double precision,

  constraint history_has_one_row_per_span
    primary key (queue, span, at),
  constraint history_span_is_minute_or_hour
    check (span in ('minute', 'hour')),
  constraint history_at_is_in_1900_to_9999
    check (at between '1900-01-01 00:00:00+00' and '9999-12-31 23:59:59+00'),
  constraint history_counts_fit_javascript
    check (enqueued between 0 and 9007199254740991
      and begun between 0 and 9007199254740991
      and succeeded between 0 and 9007199254740991
      and failed between 0 and 9007199254740991
      and retried between 0 and 9007199254740991
      and deferred between 0 and 9007199254740991
      and rescheduled between 0 and 9007199254740991
      and dropped between 0 and 9007199254740991
      and leases_lost between 0 and 9007199254740991
      and (calls_ms = 0 or calls_ms between 1e-300 and 9007199254740991)),
  constraint history_calls_is_an_object
    check (jsonb_typeof(calls) = 'object' and pg_column_size(calls) <= 10000),
  constraint history_backlog_is_not_negative
    check (backlog >= 0),
  constraint history_oldest_s_is_at_most_ten_thousand_years
    check (oldest_s between 0 and 315576000000)
) with (fillfactor = 70, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000);

comment on table  supaqueue.history           is 'What happened in each queue, by the minute for a day and by the hour for a month. The sweep writes it, a few seconds late.';
comment on column supaqueue.history.span      is 'How long the row is about: a minute or an hour.';
comment on column supaqueue.history.at        is 'When that began.';
comment on column supaqueue.history.failed    is 'Attempts after which the job failed for good.';
comment on column supaqueue.history.retried   is 'Attempts that failed and are made again.';
comment on column supaqueue.history.calls     is 'How many calls took how long: the number of a step (latency_step) to how many.';
comment on column supaqueue.history.calls_ms  is 'How long all calls took together, in milliseconds.';
comment on column supaqueue.history.backlog   is 'How many jobs were due when it was last counted in this span, counted up to 10000. Null when it was not.';
comment on column supaqueue.history.oldest_s  is 'For how many seconds the job had been due then that had waited longest.';

create index history_by_age on supaqueue.history (span, at);

alter table supaqueue.history enable row level security;

revoke all on supaqueue.history from public, anon, authenticated;
grant select, insert, update, delete on supaqueue.history to service_role;
