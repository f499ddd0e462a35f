-- Where jobs wait: which edge function to call, and how.

create table supaqueue.queue (
  id                 uuid             primary key default gen_random_uuid(),
  created_at         timestamptz      not null default now(),
  name               text             not null default '',
  edge_function_name text             not null,
  default_headers    jsonb            not null default '{}',
  max_attempts       integer          not null default 3,
  timeout_ms         integer          not null default 60000,
  retry_base_ms      integer          not null default 1000,
  retry_factor       double precision not null default 2,
  retry_max_ms       integer          not null default 60000,
  paused             boolean          not null default false,

  constraint queue_name_is_unique
    unique (name),
  constraint queue_edge_function_name_is_a_name_not_a_url
    check (edge_function_name ~ '^[A-Za-z0-9_-]+$'),
  constraint queue_default_headers_is_an_object
    check (jsonb_typeof(default_headers) = 'object'),
  constraint queue_max_attempts_is_positive
    check (max_attempts > 0),
  -- 400 s is the longest that any plan lets a function live.
  constraint queue_timeout_ms_fits_the_platform
    check (timeout_ms between 1 and 400000),
  constraint queue_retry_base_ms_is_not_negative
    check (retry_base_ms >= 0),
  constraint queue_retry_factor_does_not_shrink
    check (retry_factor between 1 and 100),
  constraint queue_retry_max_ms_is_at_least_retry_base_ms
    check (retry_max_ms >= retry_base_ms)
);

comment on table  supaqueue.queue                    is 'Which edge function to call, and how. As many calls at once as the queue has workers.';
comment on column supaqueue.queue.name               is 'Unique. Left empty, it becomes the function''s name.';
comment on column supaqueue.queue.edge_function_name is 'The function''s name, as in /functions/v1/<name>.';
comment on column supaqueue.queue.default_headers    is 'Sent with every call: an object of text values.';
comment on column supaqueue.queue.max_attempts       is 'How often a job is begun before it is failed.';
comment on column supaqueue.queue.timeout_ms         is 'How long a call may take. The lease is always longer.';
comment on column supaqueue.queue.retry_base_ms      is 'The wait before the second attempt.';
comment on column supaqueue.queue.retry_factor       is 'Each further wait is so many times the last.';
comment on column supaqueue.queue.retry_max_ms       is 'The longest wait between two attempts.';
comment on column supaqueue.queue.paused             is 'No job is begun while true. Jobs can still be enqueued.';

-- Whether a run of the dispatcher is bound to look for jobs of the queue once
-- more before it sleeps. A table of its own: it is written every second while a
-- queue is awake, and must not disturb who reads the queue.
create table supaqueue.pulse (
  queue       uuid primary key references supaqueue.queue on update cascade on delete cascade,
  run         uuid,
  awake_until timestamptz,
  ticked_at   timestamptz not null default '-infinity'
) with (fillfactor = 50, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 500);

comment on table  supaqueue.pulse             is 'Whether a run is awake for the queue.';
comment on column supaqueue.pulse.run         is 'The keeper: the run that polls for the queue. Null when asleep, or called but not yet there.';
comment on column supaqueue.pulse.awake_until is 'Null when asleep. A keeper that died is noticed once this is past.';
comment on column supaqueue.pulse.ticked_at   is 'When a run was last ticked for: further runs are asked for once a second at most.';

alter table supaqueue.queue enable row level security;
alter table supaqueue.pulse enable row level security;

revoke all on supaqueue.queue, supaqueue.pulse from public, anon, authenticated;
grant select, insert, update, delete on supaqueue.queue, supaqueue.pulse to service_role;
