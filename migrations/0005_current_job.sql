-- Who sits where: a worker and a job, each at most once. The id is the token
-- that proves who may report.

create table supaqueue.current_job (
  id            uuid        primary key default gen_random_uuid(),
  created_at    timestamptz not null default now(),
  -- The job's queue, repeated here so that a run finds its rows by one index.
  queue         uuid        not null,
  -- Null when the worker was deleted while it had the job: the job is finished
  -- all the same, and the seat is not given again.
  worker        uuid,
  job           bigint      not null,
  is_complete   boolean     not null default false,
  is_successful boolean,
  dispatcher    uuid,
  begun_at      timestamptz,
  lease_until   timestamptz not null default now() + interval '15 seconds',

  constraint current_job_has_a_worker
    foreign key (worker) references supaqueue.worker on update cascade on delete set null,
  constraint current_job_has_a_job
    foreign key (job) references supaqueue.job on update cascade on delete cascade,
  constraint current_job_worker_has_one_job
    unique (worker),
  constraint current_job_job_has_one_worker
    unique (job),
  constraint current_job_complete_has_an_outcome
    check (not is_complete or is_successful is not null)
) with (fillfactor = 50, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000);

comment on table  supaqueue.current_job             is 'A worker and the job it has. The id is the token that proves who may report.';
comment on column supaqueue.current_job.dispatcher  is 'The run that has it. Null until a run adopts it.';
comment on column supaqueue.current_job.begun_at    is 'When its run began the call.';
comment on column supaqueue.current_job.lease_until is 'Unreported by then, it counts as lost.';

create index current_job_by_run on supaqueue.current_job (queue, dispatcher);
create index current_job_by_lease on supaqueue.current_job (lease_until);

alter table supaqueue.current_job enable row level security;

revoke all on supaqueue.current_job from public, anon, authenticated;
grant select, insert, update, delete on supaqueue.current_job to service_role;
