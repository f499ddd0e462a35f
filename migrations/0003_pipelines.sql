-- Pipelines: jobs that wait for others.

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
    check (on_failure in ('cancel', 'run', 'hold')),
  constraint job_dependency_created_at_is_in_1900_to_9999
    check (created_at between '1900-01-01 00:00:00+00' and '9999-12-31 23:59:59+00')
);

comment on table  supaqueue.job_dependency            is 'The target waits until all its sources have ended.';
comment on column supaqueue.job_dependency.on_failure is 'What becomes of the target when the source fails or is cancelled: cancel it, run it all the same, or hold it for the user.';
comment on column supaqueue.job_dependency.ended_as   is 'How the source ended; null while it has not.';

create index job_dependency_by_target on supaqueue.job_dependency (target);

create index job_dependency_open on supaqueue.job_dependency (target) where ended_as is null;
create index job_dependency_failed on supaqueue.job_dependency (target) where ended_as in ('failed', 'cancelled');

-- Written by whoever meets a row that somebody else holds, read soon after. No
-- foreign key: it would wait for whoever deletes the job.
create table supaqueue.unsettled (
  id       bigint      generated always as identity primary key,
  job      bigint      not null,
  noted_at timestamptz not null default now(),

  constraint unsettled_noted_at_is_in_1900_to_9999
    check (noted_at between '1900-01-01 00:00:00+00' and '9999-12-31 23:59:59+00')
) with (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 500);

comment on table  supaqueue.unsettled     is 'Jobs whose dependencies are to be looked at again. Empty but for moments.';
comment on column supaqueue.unsettled.job is 'A source that ended, or a target.';

-- What source_results answers with: an array, which the Data API gives whole.
create type supaqueue.source_result as (
  source bigint,
  queue text,
  batch_index integer,
  status supaqueue.job_status,
  payload jsonb,
  result jsonb,
  error text
);

comment on type supaqueue.source_result is 'What a job has brought that another one depends on.';

alter table supaqueue.job_dependency enable row level security;
alter table supaqueue.unsettled enable row level security;

revoke all on supaqueue.job_dependency, supaqueue.unsettled from public, anon, authenticated;
grant select, insert, update, delete on supaqueue.job_dependency, supaqueue.unsettled
  to service_role;
