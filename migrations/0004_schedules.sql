-- Schedules: jobs that come by the clock.

create table supaqueue.schedule (
  id             uuid        primary key default gen_random_uuid(),
  created_at     timestamptz not null default now(),
  name           text        not null,
  queue          uuid        not null,
  cron           text        not null,
  time_zone      text        not null default 'UTC',
  payload        jsonb       not null default '{}',
  catch_up       text        not null default 'one',
  overlap        boolean     not null default false,
  enabled        boolean     not null default true,
  next_at        timestamptz,
  last_at        timestamptz,
  last_job       bigint,

  constraint schedule_name_is_unique
    unique (name),
  constraint schedule_name_has_at_most_200_letters
    check (length(name) <= 200),
  constraint schedule_belongs_to_a_queue
    foreign key (queue) references supaqueue.queue on update cascade on delete cascade,
  constraint schedule_catch_up_is_known
    check (catch_up in ('none', 'one', 'all')),
  constraint schedule_times_are_in_1900_to_9999
    check (created_at between '1900-01-01 00:00:00+00' and '9999-12-31 23:59:59+00'
      and next_at between '1900-01-01 00:00:00+00' and '9999-12-31 23:59:59+00'
      and last_at between '1900-01-01 00:00:00+00' and '9999-12-31 23:59:59+00')
);

comment on table  supaqueue.schedule           is 'Jobs that come by the clock.';
comment on column supaqueue.schedule.cron      is 'minute hour day-of-month month day-of-week, or @hourly, @daily, @weekly, @monthly, @yearly.';
comment on column supaqueue.schedule.catch_up  is 'What of the times that nobody kept: none, the last one, or all of them.';
comment on column supaqueue.schedule.overlap   is 'Whether a job is enqueued while the last one has not ended.';
comment on column supaqueue.schedule.next_at   is 'When it comes next.';
comment on column supaqueue.schedule.last_at   is 'The time it last came for.';
comment on column supaqueue.schedule.last_job  is 'The job it last enqueued.';

create index schedule_by_queue on supaqueue.schedule (queue);
create index schedule_due on supaqueue.schedule (next_at) where enabled;

alter table supaqueue.schedule enable row level security;

revoke all on supaqueue.schedule from public, anon, authenticated;
grant select, insert, update, delete on supaqueue.schedule
  to service_role;
