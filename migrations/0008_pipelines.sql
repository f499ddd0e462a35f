-- Pipelines: which jobs others depend on, and what is to be looked at again.
-- Adds a column to job and two indexes to job_dependency, which is new: no table is scanned.

alter table supaqueue.job
  add column has_targets boolean not null default false;

comment on column supaqueue.job.has_targets is 'Whether other jobs depend on it. Set when the first of them does.';
comment on column supaqueue.job.waits_for   is 'How many of its sources have not ended. Above 0 it is held by them, and becomes pending by itself.';

create index job_dependency_open on supaqueue.job_dependency (target) where ended_as is null;
create index job_dependency_failed on supaqueue.job_dependency (target) where ended_as in ('failed', 'cancelled');

-- Written by whoever meets a row that somebody else holds, read soon after. No
-- foreign key: it would wait for whoever deletes the job.
create table supaqueue.unsettled (
  id       bigint      generated always as identity primary key,
  job      bigint      not null,
  noted_at timestamptz not null default now()
) with (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 500);

comment on table  supaqueue.unsettled     is 'Jobs whose dependencies are to be looked at again. Empty but for moments.';
comment on column supaqueue.unsettled.job is 'A source that ended, or a target.';

alter table supaqueue.unsettled enable row level security;
revoke all on supaqueue.unsettled from public, anon, authenticated;
grant select, insert, update, delete on supaqueue.unsettled to service_role;
