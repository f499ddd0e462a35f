-- Audit: who did what, and when.

create table supaqueue.audit (
  id          bigint      generated always as identity primary key,
  at          timestamptz not null default clock_timestamp(),
  act         text        not null,
  -- Without a foreign key: what was done stays when the queue or the job is gone.
  queue       uuid,
  queue_name  text,
  job         bigint,
  jobs        bigint,
  role        text        not null,
  subject     text,
  application text,
  person      text,
  before      jsonb,
  after       jsonb,

  constraint audit_at_is_in_1900_to_9999
    check (at between '1900-01-01 00:00:00+00' and '9999-12-31 23:59:59+00'),
  constraint audit_jobs_is_not_negative
    check (jobs >= 0)
);

comment on table  supaqueue.audit             is 'Who did what: pauses, limits, retries, secrets, access. Written by triggers and functions of supaqueue; rows stay for the setting audit_days, 90 by default.';
comment on column supaqueue.audit.act         is 'What was done, as a verb: pause, resume, retry, cancel, and so on.';
comment on column supaqueue.audit.queue_name  is 'As it was called then.';
comment on column supaqueue.audit.jobs        is 'How many jobs it was done to.';
comment on column supaqueue.audit.role        is 'The role of PostgreSQL that did it.';
comment on column supaqueue.audit.subject     is 'The sub of the token, where it came through the Data API.';
comment on column supaqueue.audit.application is 'The application_name of the connection.';
comment on column supaqueue.audit.person      is 'Who it was, where the application says: the setting supaqueue.person of the transaction. The console sets it.';
comment on column supaqueue.audit.before      is 'What changed, as it was. Values that may be secret are left out.';
comment on column supaqueue.audit.after       is 'What changed, as it is since.';

create index audit_by_time on supaqueue.audit (at);
create index audit_by_queue on supaqueue.audit (queue, id) where queue is not null;

alter table supaqueue.audit enable row level security;

revoke all on supaqueue.audit from public, anon, authenticated;
-- Whoever does something may look at what was done, and not rewrite it.
grant select on supaqueue.audit to service_role;
