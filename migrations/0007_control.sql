-- Control: batches, unique jobs, versions, dependencies, schedules, limits of rate
-- and of concurrency, queues that are pulled from, and how long finished jobs stay.

-- Jobs that were enqueued together.
create table supaqueue.batch (
  id         uuid        primary key default gen_random_uuid(),
  created_at timestamptz not null default now(),
  queue      uuid        not null,
  label      text,

  constraint batch_belongs_to_a_queue
    foreign key (queue) references supaqueue.queue on update cascade on delete cascade
);

comment on table  supaqueue.batch       is 'Jobs that were enqueued together.';
comment on column supaqueue.batch.label is 'What its maker calls it.';

create index batch_by_queue on supaqueue.batch (queue);

-- How many jobs a second may be begun, by name: of one queue, or shared by several.
create table supaqueue.rate_limit (
  name       text             primary key,
  created_at timestamptz      not null default now(),
  updated_at timestamptz      not null default now(),
  max_rps    double precision not null,
  burst      integer          not null default 1,
  free_at    timestamptz      not null default '-infinity',

  constraint rate_limit_max_rps_is_positive
    check (max_rps > 0 and max_rps <= 100000),
  constraint rate_limit_burst_is_positive
    check (burst > 0)
) with (fillfactor = 50, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 500);

comment on table  supaqueue.rate_limit         is 'How many jobs a second may be begun. A queue names one, several may share it.';
comment on column supaqueue.rate_limit.max_rps is 'May be a fraction: 0.2 is one in five seconds.';
comment on column supaqueue.rate_limit.burst   is 'How many may be begun at once after a pause.';
comment on column supaqueue.rate_limit.free_at is 'When the next job may be begun: one after another, at even distances.';

alter table supaqueue.queue
  add column paused_until      timestamptz,
  add column paused_reason     text,
  add column mode              text     not null default 'push',
  add column rate_limit        text,
  add column per_key           integer,
  add column payload_max_bytes integer  not null default 1048576,
  add column dedupe_until      text     not null default 'finished',
  add column keep_success      interval not null default '7 days',
  add column keep_failed       interval not null default '30 days',

  add constraint queue_mode_is_push_or_pull
    check (mode in ('push', 'pull')),
  add constraint queue_rate_limit_exists
    foreign key (rate_limit) references supaqueue.rate_limit on update cascade on delete set null,
  add constraint queue_per_key_is_positive
    check (per_key > 0),
  add constraint queue_payload_max_bytes_is_positive
    check (payload_max_bytes > 0),
  add constraint queue_dedupe_until_is_finished_or_pruned
    check (dedupe_until in ('finished', 'pruned'));

create index queue_by_rate_limit on supaqueue.queue (rate_limit);

comment on column supaqueue.queue.paused_until      is 'When a pause ends by itself. Null: when somebody resumes the queue.';
comment on column supaqueue.queue.paused_reason     is 'Why it was paused.';
comment on column supaqueue.queue.mode              is 'push: the dispatcher calls a target. pull: consumers pick jobs, nothing is called.';
comment on column supaqueue.queue.rate_limit        is 'The name of a rate_limit.';
comment on column supaqueue.queue.per_key           is 'How many jobs with the same concurrency_key may run at once.';
comment on column supaqueue.queue.payload_max_bytes is 'The largest payload that enqueue takes.';
comment on column supaqueue.queue.dedupe_until      is 'How long a dedupe_key stays taken: until its job is finished, or until it is pruned.';
comment on column supaqueue.queue.keep_success      is 'How long successful and cancelled jobs stay.';
comment on column supaqueue.queue.keep_failed       is 'How long failed jobs stay.';

alter table supaqueue.job
  add column dedupe_key      text,
  add column dedupe_pruned   boolean not null default false,
  add column version         integer,
  add column concurrency_key text,
  add column batch           uuid,
  add column batch_index     integer,
  add column retry_of        bigint,
  add column waits_for       integer not null default 0,
  add column call_ms         integer,

  add constraint job_belongs_to_a_batch
    foreign key (batch) references supaqueue.batch on update cascade on delete set null;

comment on column supaqueue.job.dedupe_key      is 'Unique in its queue while the job is not finished, or until it is pruned.';
comment on column supaqueue.job.dedupe_pruned   is 'Whether the dedupe_key stays taken until the job is pruned. Set from the queue.';
comment on column supaqueue.job.version         is 'Which form the payload has. A consumer may ask for one; a function is told.';
comment on column supaqueue.job.concurrency_key is 'At most per_key jobs of the queue with the same key run at once.';
comment on column supaqueue.job.batch           is 'The batch it was enqueued with.';
comment on column supaqueue.job.batch_index     is 'Its place in the batch, from 0.';
comment on column supaqueue.job.retry_of        is 'The failed job it is a copy of.';
comment on column supaqueue.job.call_ms         is 'How long the last call took.';
comment on column supaqueue.job.waits_for       is 'How many of the jobs it depends on have not ended yet. Above 0 it is held.';

create unique index job_dedupe_key_is_taken on supaqueue.job (queue, dedupe_key)
  where dedupe_key is not null and status in ('held', 'pending', 'in_progress');
create unique index job_dedupe_key_is_taken_until_pruned on supaqueue.job (queue, dedupe_key)
  where dedupe_pruned;
create index job_by_batch on supaqueue.job (batch) where batch is not null;
create index job_retried_by on supaqueue.job (retry_of) where retry_of is not null;
-- One walk per key, so that a tenant with a million jobs does not stand in the way of the others.
create index job_pending_by_key on supaqueue.job (queue, concurrency_key, priority desc, run_at, id)
  where status = 'pending' and concurrency_key is not null;
create index job_running_by_key on supaqueue.job (queue, concurrency_key)
  where status = 'in_progress' and concurrency_key is not null;
-- What is pruned, oldest first.
create index job_finished on supaqueue.job (queue, status, finished_at)
  where status in ('success', 'failed', 'cancelled');

-- The target waits until its sources have ended.
create table supaqueue.job_dependency (
  source     bigint      not null,
  target     bigint      not null,
  created_at timestamptz not null default now(),
  on_failure text        not null default 'cancel',
  ended_as   supaqueue.job_status,

  primary key (source, target),
  constraint job_dependency_source_is_a_job
    foreign key (source) references supaqueue.job on update cascade on delete cascade,
  constraint job_dependency_target_is_a_job
    foreign key (target) references supaqueue.job on update cascade on delete cascade,
  constraint job_dependency_on_failure_is_known
    check (on_failure in ('cancel', 'run', 'hold'))
);

comment on table  supaqueue.job_dependency            is 'The target waits until all its sources have ended.';
comment on column supaqueue.job_dependency.on_failure is 'What becomes of the target when the source fails or is cancelled: cancel it, run it all the same, or hold it for the user.';
comment on column supaqueue.job_dependency.ended_as   is 'How the source ended; null while it has not.';

create index job_dependency_by_target on supaqueue.job_dependency (target);

-- Jobs that come by the clock.
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
  constraint schedule_belongs_to_a_queue
    foreign key (queue) references supaqueue.queue on update cascade on delete cascade,
  constraint schedule_catch_up_is_known
    check (catch_up in ('none', 'one', 'all'))
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

-- What the sweep did last. One row.
create table supaqueue.last_sweep (
  only_one      boolean     primary key default true,
  swept_at      timestamptz not null,
  ms            integer     not null,
  leases_lost   integer     not null,
  queues_ticked integer     not null,

  constraint last_sweep_is_one_row
    check (only_one)
) with (fillfactor = 50);

comment on table  supaqueue.last_sweep          is 'What the sweep did last: when it ran, for how long, and what it found.';
comment on column supaqueue.last_sweep.only_one is 'There is only one row.';

alter table supaqueue.last_sweep enable row level security;
revoke all on supaqueue.last_sweep from public, anon, authenticated;
grant select, insert, update, delete on supaqueue.last_sweep to service_role;

alter table supaqueue.batch enable row level security;
alter table supaqueue.rate_limit enable row level security;
alter table supaqueue.job_dependency enable row level security;
alter table supaqueue.schedule enable row level security;

revoke all on supaqueue.batch, supaqueue.rate_limit, supaqueue.job_dependency, supaqueue.schedule
  from public, anon, authenticated;
grant select, insert, update, delete on supaqueue.batch, supaqueue.rate_limit, supaqueue.job_dependency, supaqueue.schedule
  to service_role;

-- They have further arguments now.
drop function if exists supaqueue_internal.due_jobs(uuid, timestamptz, integer, boolean);
drop function if exists supaqueue_internal.pair(supaqueue.queue, integer, uuid, uuid[]);
