-- What the sweep has to do, one row per chore, and what it could not do: one bad row
-- stops itself alone. Two new tables, and an index of job made anew for all jobs in progress.

-- The file of each chore's function writes its row, so the sweep names none of them.
create table supaqueue.chore (
  name        text        primary key,
  place       integer     not null,
  routine     text        not null,
  times       integer     not null default 1,
  mark        text,
  last_at     timestamptz,
  last_ok_at  timestamptz,
  last_ms     integer,
  failures    integer     not null default 0,
  code        text,
  error       text,
  next_try_at timestamptz not null default '-infinity',

  constraint chore_routine_is_a_plain_name
    check (routine ~ '^[a-z_]+$'),
  constraint chore_times_is_positive
    check (times between 1 and 1000)
) with (fillfactor = 50, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 500);

comment on table  supaqueue.chore             is 'What the sweep does, in the order of place. One that fails stops no other.';
comment on column supaqueue.chore.routine     is 'A function of supaqueue_internal that takes most, an integer, and returns how much it did.';
comment on column supaqueue.chore.times       is 'How many times as much it may do as others in one sweep.';
comment on column supaqueue.chore.mark        is 'How far it has looked, when it looks at a part in each sweep.';
comment on column supaqueue.chore.last_at     is 'When it was last tried.';
comment on column supaqueue.chore.last_ok_at  is 'When it last came to its end.';
comment on column supaqueue.chore.failures    is 'How often in a row it failed.';
comment on column supaqueue.chore.code        is 'The SQLSTATE of the last failure; null when it did not fail.';
comment on column supaqueue.chore.error       is 'What the last failure said.';
comment on column supaqueue.chore.next_try_at is 'Not tried before then: the more failures in a row, the later, five minutes at most.';

-- What was set aside, so that the others go on.
create table supaqueue.trouble (
  kind        text        not null,
  subject     text        not null,
  queue       uuid,
  job         bigint,
  tries       integer     not null default 1,
  since       timestamptz not null default clock_timestamp(),
  tried_at    timestamptz not null default clock_timestamp(),
  next_try_at timestamptz not null default clock_timestamp(),
  code        text        not null,
  reason      text        not null,
  report      jsonb,

  primary key (kind, subject)
) with (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 500);

comment on table  supaqueue.trouble             is 'What could not be done, and why: set aside so that the others go on, and tried again at growing distances. No foreign keys: they would wait for whoever deletes the job.';
comment on column supaqueue.trouble.kind        is 'begin: a job cannot be begun. report: what became of a job cannot be written down. Others are named as their chore.';
comment on column supaqueue.trouble.subject     is 'The id of what it is about: a job, queue, schedule or worker.';
comment on column supaqueue.trouble.tries       is 'How often it was tried.';
comment on column supaqueue.trouble.next_try_at is 'When the sweep tries again: at once, then after 10 s, 20 s and so on, an hour at most. To have it tried now: update it to now().';
comment on column supaqueue.trouble.code        is 'The SQLSTATE of the last failure.';
comment on column supaqueue.trouble.reason      is 'What the last failure said.';
comment on column supaqueue.trouble.report      is 'What became of the job, kept until it can be written down.';

create index trouble_by_job on supaqueue.trouble (job) where job is not null;
create index trouble_by_queue on supaqueue.trouble (queue) where queue is not null;

-- Those without a key too: the sweep looks for jobs in progress that nobody has.
drop index supaqueue.job_running_by_key;
create index job_running on supaqueue.job (queue, concurrency_key) where status = 'in_progress';

alter table supaqueue.chore enable row level security;
alter table supaqueue.trouble enable row level security;

revoke all on supaqueue.chore, supaqueue.trouble from public, anon, authenticated;
grant select, insert, update, delete on supaqueue.chore, supaqueue.trouble to service_role;
