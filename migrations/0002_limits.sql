-- Limits: how many jobs a second may be begun.

-- How many jobs a second may be begun, by name: of one queue, or shared by several.
create table supaqueue.rate_limit (
  name       text             primary key,
  created_at timestamptz      not null default now(),
  updated_at timestamptz      not null default now(),
  max_rps    double precision not null,
  burst      integer          not null default 1,
  free_at    timestamptz      not null default '-infinity',

  constraint rate_limit_name_has_at_most_200_letters
    check (length(name) <= 200),
  constraint rate_limit_max_rps_is_positive
    check (max_rps > 0 and max_rps <= 100000),
  constraint rate_limit_burst_is_positive
    check (burst > 0),
  constraint rate_limit_times_are_in_1900_to_9999
    check (created_at between '1900-01-01 00:00:00+00' and '9999-12-31 23:59:59+00'
      and updated_at between '1900-01-01 00:00:00+00' and '9999-12-31 23:59:59+00'),
  constraint rate_limit_free_at_is_before_the_year_10000
    check (free_at < '10000-01-01 00:00:00+00'),
  constraint rate_limit_max_rps_is_at_least_a_millionth
    check (max_rps >= 0.000001)
) with (fillfactor = 50, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 500);

comment on table  supaqueue.rate_limit         is 'How many jobs a second may be begun. A queue names one, several may share it.';
comment on column supaqueue.rate_limit.max_rps is 'May be a fraction: 0.2 is one in five seconds.';
comment on column supaqueue.rate_limit.burst   is 'How many may be begun at once after a pause.';
comment on column supaqueue.rate_limit.free_at is 'When the next job may be begun: one after another, at even distances.';

alter table supaqueue.queue
  add column rate_limit text,
  add constraint queue_rate_limit_exists
    foreign key (rate_limit) references supaqueue.rate_limit on update cascade on delete set null,
  add constraint queue_rate_limit_has_at_most_200_letters
    check (length(rate_limit) <= 200);

comment on column supaqueue.queue.rate_limit is 'The name of a rate_limit.';

create index queue_by_rate_limit on supaqueue.queue (rate_limit);

alter table supaqueue.rate_limit enable row level security;

revoke all on supaqueue.rate_limit from public, anon, authenticated;
grant select, insert, update, delete on supaqueue.rate_limit
  to service_role;
