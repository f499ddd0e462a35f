-- What is to be done: a payload to deliver once.

create type supaqueue.job_status as enum (
  'held',        -- waits for the user (a null status at insert is read as this)
  'pending',     -- waits for run_at and for a free worker
  'in_progress', -- has a worker
  'success',     -- the function answered 2xx
  'failed',      -- the last attempt failed
  'cancelled'    -- taken back by the user
);

create table supaqueue.job (
  id          bigint               generated always as identity primary key,
  created_at  timestamptz          not null default now(),
  updated_at  timestamptz          not null default now(),
  queue       uuid                 not null,
  payload     jsonb                not null default '{}',
  status      supaqueue.job_status not null default 'pending',
  attempts    integer              not null default 0,
  priority    integer              not null default 0,
  run_at      timestamptz          not null default now(),
  finished_at timestamptz,
  result      jsonb,
  error       text,

  constraint job_belongs_to_a_queue
    foreign key (queue) references supaqueue.queue on update cascade on delete cascade,
  constraint job_attempts_is_not_negative
    check (attempts >= 0)
) with (fillfactor = 85, autovacuum_vacuum_scale_factor = 0.02, autovacuum_analyze_scale_factor = 0.05);

comment on table  supaqueue.job             is 'A payload to deliver once to the queue''s function.';
comment on column supaqueue.job.payload     is 'The body of the call.';
comment on column supaqueue.job.attempts    is 'Tries begun. Waiting and calls that never reached the function do not count.';
comment on column supaqueue.job.priority    is 'Higher first.';
comment on column supaqueue.job.run_at      is 'Never begun before this time.';
comment on column supaqueue.job.finished_at is 'When the job became success, failed or cancelled.';
comment on column supaqueue.job.result      is 'What the function answered, when it succeeded.';
comment on column supaqueue.job.error       is 'What the last unsuccessful attempt died of.';

-- The one index that every claim walks.
create index job_pending on supaqueue.job (queue, priority desc, run_at, id) where status = 'pending';
create index job_by_queue on supaqueue.job (queue);

alter table supaqueue.job enable row level security;

revoke all on supaqueue.job from public, anon, authenticated;
grant select, insert, update, delete on supaqueue.job to service_role;
