-- Alerts: what somebody is to be told when something stays wrong.

create table supaqueue.alert_rule (
  id          uuid             primary key default gen_random_uuid(),
  created_at  timestamptz      not null default now(),
  name        text             not null,
  kind        text             not null,
  queue       uuid             references supaqueue.queue on delete cascade,
  threshold   double precision not null,
  clear_below double precision,
  raise_after interval         not null default '1 minute',
  clear_after interval         not null default '5 minutes',
  notify      uuid             not null references supaqueue.queue on delete cascade,
  enabled     boolean          not null default true,

  constraint alert_rule_name_is_unique
    unique (name),
  constraint alert_rule_name_is_1_to_100_characters
    check (char_length(name) between 1 and 100),
  constraint alert_rule_kind_is_known
    check (kind in ('backlog_older_than', 'error_rate_above', 'failed_more_than', 'circuit_open', 'dispatch_refused', 'sweep_silent')),
  constraint alert_rule_threshold_is_not_negative
    check (threshold between 0 and 1e15),
  constraint alert_rule_clear_below_is_at_most_the_threshold
    check (clear_below between 0 and threshold),
  constraint alert_rule_waits_are_at_most_a_day
    check (raise_after between interval '0' and interval '1 day' and clear_after between interval '0' and interval '1 day'),
  constraint alert_rule_created_at_is_in_1900_to_9999
    check (created_at between '1900-01-01 00:00:00+00' and '9999-12-31 23:59:59+00')
);

comment on table  supaqueue.alert_rule             is 'What somebody is to be told when it stays wrong: as a job in a queue of their choice.';
comment on column supaqueue.alert_rule.kind        is 'What is looked at; functions/modules/alerts/README.md has the list.';
comment on column supaqueue.alert_rule.queue       is 'The queue it is about; null for each of them.';
comment on column supaqueue.alert_rule.threshold   is 'Above this it is wrong: seconds, a share from 0 to 1, or a number of jobs.';
comment on column supaqueue.alert_rule.clear_below is 'Once told, it is over only when no longer above this. Null: the threshold.';
comment on column supaqueue.alert_rule.raise_after is 'For how long it must be wrong before somebody is told.';
comment on column supaqueue.alert_rule.clear_after is 'For how long it must be well before it is over.';
comment on column supaqueue.alert_rule.notify      is 'The queue into which the message goes, as a job.';

create index alert_rule_by_queue on supaqueue.alert_rule (queue) where queue is not null;
create index alert_rule_by_notify on supaqueue.alert_rule (notify);

create table supaqueue.alert (
  rule       uuid             not null references supaqueue.alert_rule on delete cascade,
  subject    text             not null,
  since      timestamptz      not null default clock_timestamp(),
  raised_at  timestamptz,
  well_since timestamptz,
  value      double precision,
  text       text             not null,

  primary key (rule, subject),
  constraint alert_times_are_in_1900_to_9999
    check (since between '1900-01-01 00:00:00+00' and '9999-12-31 23:59:59+00'
      and raised_at between '1900-01-01 00:00:00+00' and '9999-12-31 23:59:59+00'
      and well_since between '1900-01-01 00:00:00+00' and '9999-12-31 23:59:59+00'),
  constraint alert_value_is_a_number
    check (value between -1e300 and 1e300)
);

comment on table  supaqueue.alert            is 'What is wrong at the moment by some rule. The sweep writes it.';
comment on column supaqueue.alert.subject    is 'The name of the queue or target; dispatch or sweep.';
comment on column supaqueue.alert.raised_at  is 'When somebody was told. Null while it has not lasted long enough.';
comment on column supaqueue.alert.well_since is 'Since when it is well again. Null while it is not.';

alter table supaqueue.alert_rule enable row level security;
alter table supaqueue.alert enable row level security;

revoke all on supaqueue.alert_rule, supaqueue.alert from public, anon, authenticated;
grant select, insert, update, delete on supaqueue.alert_rule, supaqueue.alert to service_role;
