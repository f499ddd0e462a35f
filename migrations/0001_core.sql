-- The queue: what there is without any module.

create schema if not exists supaqueue;

comment on schema supaqueue is 'A job queue that calls edge functions.';

revoke all on schema supaqueue from public, anon, authenticated;
grant usage on schema supaqueue to service_role;

-- Apart from what users call, because the Data API serves supaqueue: whatever is granted on all
-- of that schema, by hand or by a restore, reaches nothing in here.
create schema if not exists supaqueue_internal;

comment on schema supaqueue_internal is 'The inner functions of supaqueue. Never expose it: the Data API needs only supaqueue.';

revoke all on schema supaqueue_internal from public, anon, authenticated;
grant usage on schema supaqueue_internal to service_role;

-- Kept by the installer: which migrations have been applied, and what they said
-- then. A migration that was changed after its release shows as another checksum.
create table supaqueue.migration (
  name       text        primary key,
  checksum   text        not null,
  applied_at timestamptz not null default now(),

  constraint migration_applied_at_is_in_1900_to_9999
    check (applied_at between '1900-01-01 00:00:00+00' and '9999-12-31 23:59:59+00')
);

comment on table supaqueue.migration is 'Which migrations have been applied, with their checksums. Written by the installer.';

-- What the installer has applied of functions/, so that an upgrade leaves alone what is the same.
create table supaqueue.applied_file (
  path        text        not null,
  -- A file of a trigger makes two things: the function, and the trigger.
  kind        text        not null,
  checksum    text        not null,
  -- What there was of it in the database just after: whoever changes it by hand gets another.
  fingerprint text        not null,
  applied_at  timestamptz not null default now(),

  primary key (path, kind),

  constraint applied_file_applied_at_is_in_1900_to_9999
    check (applied_at between '1900-01-01 00:00:00+00' and '9999-12-31 23:59:59+00')
);

comment on table supaqueue.applied_file is 'Which functions, views and triggers were applied, and what they looked like then. Written by the installer.';

-- What is neither secret nor a limit of one queue. The secret lives in Vault.
create table supaqueue.setting (
  name  text primary key,
  value text not null,

  constraint setting_name_is_snake_case
    check (name ~ '^[a-z][a-z0-9_]*$'),
  constraint setting_name_has_at_most_200_letters
    check (length(name) <= 200)
);

comment on table supaqueue.setting is 'Where the functions live, and the dispatcher''s limits. Explained in supabase/functions/supaqueue/README.md.';

-- Which edge function or URL to call, and how.
create table supaqueue.queue (
  id                    uuid             primary key default gen_random_uuid(),
  created_at            timestamptz      not null default now(),
  name                  text             not null default '',
  edge_function_name    text,
  default_headers       jsonb            not null default '{}',
  max_attempts          integer          not null default 3,
  timeout_ms            integer          not null default 60000,
  retry_base_ms         integer          not null default 1000,
  retry_factor          double precision not null default 2,
  retry_max_ms          integer          not null default 60000,
  paused                boolean          not null default false,
  url                   text,
  method                text             not null default 'POST',
  allowed_hosts         text[]           not null default '{}',
  signing_secrets       text[],
  max_deferrals         integer,
  result_max_bytes      integer          not null default 65536,
  keep_success_attempts boolean          not null default false,
  redact                text[]           not null default '{}',
  paused_until          timestamptz,
  paused_reason         text,
  mode                  text             not null default 'push',
  per_key               integer,
  payload_max_bytes     integer          not null default 1048576,
  dedupe_until          text             not null default 'finished',
  keep_success          interval         not null default '7 days',
  keep_failed           interval         not null default '30 days',
  max_defer_ms          integer          not null default 86400000,
  heeds                 text[],
  max_repeats           integer,
  max_lease_ms          integer,
  opens                 text[]           not null default '{}',

  constraint queue_name_is_unique
    unique (name),
  constraint queue_calls_a_function_or_a_url
    check (num_nonnulls(edge_function_name, url) = 1),
  constraint queue_edge_function_name_is_a_name_not_a_url
    check (edge_function_name ~ '^[A-Za-z0-9_-]+$'),
  -- A password in a URL would stand in logs and tables.
  constraint queue_url_is_http_without_a_password
    check (url ~* '^https?://[^/?#@\s]+([/?#]\S*)?$'),
  constraint queue_method_is_known
    check (method in ('GET', 'POST', 'PUT', 'PATCH', 'DELETE')),
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
    check (retry_max_ms >= retry_base_ms),
  constraint queue_max_deferrals_is_not_negative
    check (max_deferrals >= 0),
  constraint queue_max_defer_ms_is_not_negative
    check (max_defer_ms >= 0),
  constraint queue_result_max_bytes_is_at_most_a_megabyte
    check (result_max_bytes between 0 and 1048576),
  constraint queue_mode_is_push_or_pull
    check (mode in ('push', 'pull')),
  constraint queue_per_key_is_positive
    check (per_key > 0),
  constraint queue_payload_max_bytes_is_positive
    check (payload_max_bytes > 0),
  constraint queue_dedupe_until_is_finished_or_pruned
    check (dedupe_until in ('finished', 'pruned')),
  constraint queue_heeds_are_known
    check (heeds <@ '{complete, reject, reschedule, kill, drop, continue, park, later}'),
  constraint queue_max_repeats_is_not_negative
    check (max_repeats >= 0),
  constraint queue_max_lease_ms_is_at_most_a_day
    check (max_lease_ms between 1 and 86400000),
  constraint queue_times_are_in_1900_to_9999
    check (created_at between '1900-01-01 00:00:00+00' and '9999-12-31 23:59:59+00'
      and paused_until between '1900-01-01 00:00:00+00' and '9999-12-31 23:59:59+00'),
  constraint queue_max_attempts_is_at_most_a_million
    check (max_attempts <= 1000000),
  constraint queue_keep_success_is_0_to_1000_years
    check (keep_success between '0' and '1000 years'),
  constraint queue_keep_failed_is_0_to_1000_years
    check (keep_failed between '0' and '1000 years')
);

comment on table  supaqueue.queue                       is 'Which edge function or URL to call, and how. As many calls at once as the queue has workers.';
comment on column supaqueue.queue.name                  is 'Unique. Left empty, it becomes the function''s name, or the URL''s host.';
comment on column supaqueue.queue.edge_function_name    is 'The function''s name, as in /functions/v1/<name>.';
comment on column supaqueue.queue.default_headers       is 'Sent with every call: an object of text values.';
comment on column supaqueue.queue.max_attempts          is 'How often a job is begun before it is failed.';
comment on column supaqueue.queue.timeout_ms            is 'How long a call may take. The lease is always longer.';
comment on column supaqueue.queue.retry_base_ms         is 'The wait before the second attempt.';
comment on column supaqueue.queue.retry_factor          is 'Each further wait is so many times the last.';
comment on column supaqueue.queue.retry_max_ms          is 'The longest wait between two attempts.';
comment on column supaqueue.queue.paused                is 'No job is begun while true. Jobs can still be enqueued.';
comment on column supaqueue.queue.url                   is 'Called instead of an edge function; signed, and without the project''s key.';
comment on column supaqueue.queue.method                is 'GET and DELETE send the payload as query parameters.';
comment on column supaqueue.queue.allowed_hosts         is 'Hosts that the url of a job may have, besides that of the queue.';
comment on column supaqueue.queue.signing_secrets       is 'Names of Vault secrets; each signs the calls to a URL. Null: a secret of the queue''s own, and the one before it while that is exchanged.';
comment on column supaqueue.queue.max_deferrals         is 'How often in a row a job may be deferred before it is failed. Null: as often as max_defer_ms allows.';
comment on column supaqueue.queue.result_max_bytes      is 'How much of an answer is kept as the result.';
comment on column supaqueue.queue.keep_success_attempts is 'Whether attempts that succeeded are written into attempt, too.';
comment on column supaqueue.queue.redact                is 'Names of headers and JSON fields whose values are never stored.';
comment on column supaqueue.queue.paused_until          is 'When a pause ends by itself. Null: when somebody resumes the queue.';
comment on column supaqueue.queue.paused_reason         is 'Why it was paused.';
comment on column supaqueue.queue.mode                  is 'push: the dispatcher calls a target. pull: consumers pick jobs, nothing is called.';
comment on column supaqueue.queue.per_key               is 'How many jobs with the same concurrency_key may run at once.';
comment on column supaqueue.queue.payload_max_bytes     is 'The largest payload that enqueue takes.';
comment on column supaqueue.queue.dedupe_until          is 'How long a dedupe_key stays taken: until its job is finished, or until it is pruned.';
comment on column supaqueue.queue.keep_success          is 'How long successful and cancelled jobs stay.';
comment on column supaqueue.queue.keep_failed           is 'How long failed jobs stay.';
comment on column supaqueue.queue.max_defer_ms          is 'How long a job may be deferred again and again before it is failed. A deferral uses no attempt.';
comment on column supaqueue.queue.heeds                 is 'What an answer may ask for by supaqueue-outcome. Null: everything for a function, complete and reject for a URL.';
comment on column supaqueue.queue.max_repeats           is 'How often in a row a job may be continued or rescheduled before it is failed. Null: 100 for a URL, no limit for a function.';
comment on column supaqueue.queue.max_lease_ms          is 'The longest lease that an answer may ask for by later. Null: an hour for a URL, a day for a function.';
comment on column supaqueue.queue.opens                 is 'What a job may have of its own though the queue sends a credential: "GET /v1/items/", "POST https://eu.example.com/v1", "header x-priority".';

-- Whether a run of the dispatcher is bound to look for jobs of the queue once
-- more before it sleeps. A table of its own: it is written every second while a
-- queue is awake, and must not disturb who reads the queue.
create table supaqueue.heartbeat (
  queue       uuid primary key references supaqueue.queue on update cascade on delete cascade,
  run         uuid,
  awake_until timestamptz,
  woken_at    timestamptz not null default '-infinity',

  constraint heartbeat_awake_until_and_woken_at_are_before_the_year_10000
    check (awake_until < '10000-01-01 00:00:00+00'
      and woken_at < '10000-01-01 00:00:00+00')
) with (fillfactor = 50, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 500);

comment on table  supaqueue.heartbeat             is 'Whether a run is awake for the queue.';
comment on column supaqueue.heartbeat.run         is 'The leader: the run that polls for the queue. Null when asleep, or called but not yet there.';
comment on column supaqueue.heartbeat.awake_until is 'Null when asleep. A leader that died is noticed once this is past.';
comment on column supaqueue.heartbeat.woken_at    is 'When a run was last woken: further runs are asked for once a second at most.';

-- Whether the target of a queue takes calls. A table of its own, and a row for
-- every queue, so that nobody waits for whoever is just creating one.
create table supaqueue.circuit (
  queue      uuid        primary key references supaqueue.queue on update cascade on delete cascade,
  failures   integer     not null default 0,
  openings   integer     not null default 0,
  opened_at  timestamptz,
  open_until timestamptz,
  reason     text,

  constraint circuit_times_are_in_1900_to_9999
    check (opened_at between '1900-01-01 00:00:00+00' and '9999-12-31 23:59:59+00'
      and open_until between '1900-01-01 00:00:00+00' and '9999-12-31 23:59:59+00'),
  constraint circuit_failures_and_openings_are_at_most_a_million
    check (failures between 0 and 1000000 and openings between 0 and 1000000)
) with (fillfactor = 50);

comment on table  supaqueue.circuit            is 'Whether the target of a queue takes calls. Open: it deferred calls again and again, and is left alone for a while.';
comment on column supaqueue.circuit.failures   is 'How often in a row the target deferred a call.';
comment on column supaqueue.circuit.openings   is 'How often in a row the circuit opened: each time for longer.';
comment on column supaqueue.circuit.open_until is 'Until then nothing is called; then one job is tried. Null: closed.';
comment on column supaqueue.circuit.reason     is 'What the target said last.';

-- How many calls of a queue may run at once: a row each.
create table supaqueue.worker (
  id         uuid        primary key default gen_random_uuid(),
  created_at timestamptz not null default now(),
  queue      uuid        not null,
  locked     boolean     not null default false,

  constraint worker_belongs_to_a_queue
    foreign key (queue) references supaqueue.queue on update cascade on delete cascade,
  constraint worker_created_at_is_in_1900_to_9999
    check (created_at between '1900-01-01 00:00:00+00' and '9999-12-31 23:59:59+00')
) with (fillfactor = 50, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000);

comment on table  supaqueue.worker        is 'As many rows, as many calls of the queue at once.';
comment on column supaqueue.worker.locked is 'True while the worker has a job.';

create index worker_by_queue on supaqueue.worker (queue);
create index worker_free on supaqueue.worker (queue) where not locked;

-- Jobs that were enqueued together.
create table supaqueue.batch (
  id         uuid        primary key default gen_random_uuid(),
  created_at timestamptz not null default now(),
  queue      uuid        not null,
  label      text,

  constraint batch_belongs_to_a_queue
    foreign key (queue) references supaqueue.queue on update cascade on delete cascade,
  constraint batch_created_at_is_in_1900_to_9999
    check (created_at between '1900-01-01 00:00:00+00' and '9999-12-31 23:59:59+00')
);

comment on table  supaqueue.batch       is 'Jobs that were enqueued together.';
comment on column supaqueue.batch.label is 'What its maker calls it.';

create index batch_by_queue on supaqueue.batch (queue);

create type supaqueue.job_status as enum (
  'held',        -- waits for the user (a null status at insert is read as this)
  'pending',     -- waits for run_at and for a free worker
  'in_progress', -- has a worker
  'success',     -- the function answered 2xx
  'failed',      -- the last attempt failed
  'cancelled'    -- taken back by the user
);

-- What is to be done: a payload to deliver once. What is null of url, method, headers, query,
-- timeout_ms, max_attempts, retry_base_ms and retry_max_ms is the queue's.
create table supaqueue.job (
  id               bigint               generated always as identity primary key,
  created_at       timestamptz          not null default now(),
  updated_at       timestamptz          not null default now(),
  queue            uuid                 not null,
  payload          jsonb                not null default '{}',
  status           supaqueue.job_status not null default 'pending',
  attempts         integer              not null default 0,
  priority         integer              not null default 0,
  run_at           timestamptz          not null default now(),
  finished_at      timestamptz,
  result           jsonb,
  error            text,
  url              text,
  method           text,
  headers          jsonb,
  query            jsonb,
  timeout_ms       integer,
  max_attempts     integer,
  retry_base_ms    integer,
  retry_max_ms     integer,
  deferrals        integer              not null default 0,
  state            jsonb,
  progress_percent numeric(5, 2),
  progress_note    text,
  dedupe_key       text,
  dedupe_pruned    boolean              not null default false,
  version          integer,
  concurrency_key  text,
  batch            uuid,
  batch_index      integer,
  retry_of         bigint,
  waits_for        integer              not null default 0,
  has_targets      boolean              not null default false,
  call_ms          integer,
  owner            uuid,
  deferred_since   timestamptz,
  lost_claims      integer              not null default 0,
  repeats          integer              not null default 0,

  constraint job_belongs_to_a_queue
    foreign key (queue) references supaqueue.queue on update cascade on delete cascade,
  constraint job_belongs_to_a_batch
    foreign key (batch) references supaqueue.batch on update cascade on delete set null,
  -- What no arithmetic of ours, and no reader's, survives cannot be written by anybody.
  constraint job_id_fits_javascript
    check (id between 1 and 9007199254740991),
  constraint job_attempts_and_deferrals_are_at_most_a_million
    check (attempts between 0 and 1000000 and deferrals between 0 and 1000000),
  constraint job_times_are_in_1900_to_9999
    check (created_at between '1900-01-01 00:00:00+00' and '9999-12-31 23:59:59+00'
      and updated_at between '1900-01-01 00:00:00+00' and '9999-12-31 23:59:59+00'
      and finished_at between '1900-01-01 00:00:00+00' and '9999-12-31 23:59:59+00'
      and deferred_since between '1900-01-01 00:00:00+00' and '9999-12-31 23:59:59+00'),
  constraint job_run_at_is_before_the_year_10000
    check (run_at < '10000-01-01 00:00:00+00'),
  constraint job_lost_claims_and_repeats_are_at_most_a_million
    check (lost_claims between 0 and 1000000 and repeats between 0 and 1000000),
  constraint job_waits_for_is_not_negative
    check (waits_for >= 0),
  constraint job_call_ms_is_not_negative
    check (call_ms >= 0),
  constraint job_progress_percent_is_0_to_100
    check (progress_percent between 0 and 100)
) with (fillfactor = 85, autovacuum_vacuum_scale_factor = 0.02, autovacuum_analyze_scale_factor = 0.05);

comment on table  supaqueue.job                  is 'A payload to deliver once to the queue''s function.';
comment on column supaqueue.job.payload          is 'The body of the call.';
comment on column supaqueue.job.attempts         is 'Tries begun. Waiting and calls that never reached the function do not count.';
comment on column supaqueue.job.priority         is 'Higher first.';
comment on column supaqueue.job.run_at           is 'Never begun before this time.';
comment on column supaqueue.job.finished_at      is 'When the job became success, failed or cancelled.';
comment on column supaqueue.job.result           is 'What the function answered, when it succeeded.';
comment on column supaqueue.job.error            is 'What the last unsuccessful attempt died of.';
comment on column supaqueue.job.url              is 'Called instead of the queue''s url; its host must be that of the queue, or one of allowed_hosts.';
comment on column supaqueue.job.method           is 'Instead of the queue''s.';
comment on column supaqueue.job.headers          is 'An object of text values, on top of the queue''s default_headers.';
comment on column supaqueue.job.query            is 'An object: query parameters of the call.';
comment on column supaqueue.job.timeout_ms       is 'Instead of the queue''s.';
comment on column supaqueue.job.max_attempts     is 'Instead of the queue''s.';
comment on column supaqueue.job.retry_base_ms    is 'Instead of the queue''s.';
comment on column supaqueue.job.retry_max_ms     is 'Instead of the queue''s.';
comment on column supaqueue.job.deferrals        is 'How often in a row the target deferred the job. Uses no attempt.';
comment on column supaqueue.job.state            is 'What the function handed on to its next call (a slice).';
comment on column supaqueue.job.progress_percent is 'What the function said last about how far it is.';
comment on column supaqueue.job.progress_note    is 'What the function said last about what it is doing.';
comment on column supaqueue.job.dedupe_key       is 'Unique in its queue while the job is not finished, or until it is pruned.';
comment on column supaqueue.job.dedupe_pruned    is 'Whether the dedupe_key stays taken until the job is pruned. Set from the queue.';
comment on column supaqueue.job.version          is 'Which form the payload has. A consumer may ask for one; a function is told.';
comment on column supaqueue.job.concurrency_key  is 'At most per_key jobs of the queue with the same key run at once.';
comment on column supaqueue.job.batch            is 'The batch it was enqueued with.';
comment on column supaqueue.job.batch_index      is 'Its place in the batch, from 0.';
comment on column supaqueue.job.retry_of         is 'The failed job it is a copy of.';
comment on column supaqueue.job.waits_for        is 'How many of its sources have not ended. Above 0 it is held by them, and becomes pending by itself.';
comment on column supaqueue.job.has_targets      is 'Whether other jobs wait for it. Set when the first of them does.';
comment on column supaqueue.job.call_ms          is 'How long the last call took.';
comment on column supaqueue.job.owner            is 'The user who enqueued it by themselves: sub of the token, as auth.uid() gives it. They may see how it fares.';
comment on column supaqueue.job.deferred_since   is 'Since when the target has deferred the job each time. Null: it did not, last time.';
comment on column supaqueue.job.lost_claims      is 'How often its run ended before it was known to have called. Three times that uses no attempt.';
comment on column supaqueue.job.repeats          is 'How often it was continued or rescheduled since it was enqueued.';

-- The one index that every claim walks.
create index job_pending on supaqueue.job (queue, priority desc, run_at, id) where status = 'pending';
-- One walk per key, so that a tenant with a million jobs does not stand in the way of the others.
create index job_pending_by_key on supaqueue.job (queue, concurrency_key, priority desc, run_at, id)
  where status = 'pending' and concurrency_key is not null;
-- Those without a key too: the sweep looks for jobs in progress that nobody has.
create index job_running on supaqueue.job (queue, concurrency_key) where status = 'in_progress';
create index job_held on supaqueue.job (queue, id) where status = 'held';
-- What is pruned, oldest first.
create index job_finished on supaqueue.job (queue, status, finished_at) where status in ('success', 'failed', 'cancelled');
create index job_by_queue on supaqueue.job (queue);
create index job_by_batch on supaqueue.job (batch) where batch is not null;
create index job_retried_by on supaqueue.job (retry_of) where retry_of is not null;
create unique index job_dedupe_key_is_taken on supaqueue.job (queue, dedupe_key)
  where dedupe_key is not null and status in ('held', 'pending', 'in_progress');
create unique index job_dedupe_key_is_taken_until_pruned on supaqueue.job (queue, dedupe_key)
  where dedupe_pruned;

-- What enqueue_many answers with: an array of these, which the Data API gives whole. A set it
-- cuts at max_rows, 1,000 by default, when the work is already done.
create type supaqueue.enqueued_job as (id bigint, batch uuid, enqueued boolean);

comment on type supaqueue.enqueued_job is 'What became of one of enqueue_many.';

-- A worker and a job, each at most once. The id is the token that proves who may report.
create table supaqueue.current_job (
  id            uuid        primary key default gen_random_uuid(),
  created_at    timestamptz not null default now(),
  -- The job's queue, repeated here so that a run finds its rows by one index.
  queue         uuid        not null,
  -- Null when the worker was deleted while it had the job: the job is finished
  -- all the same, and the worker is not given again.
  worker        uuid,
  job           bigint      not null,
  is_complete   boolean     not null default false,
  is_successful boolean,
  dispatcher    uuid,
  begun_at      timestamptz,
  lease_until   timestamptz not null default now() + interval '15 seconds',
  despite_pause boolean     not null default false,
  called        boolean     not null default false,

  constraint current_job_has_a_worker
    foreign key (worker) references supaqueue.worker on update cascade on delete set null,
  constraint current_job_has_a_job
    foreign key (job) references supaqueue.job on update cascade on delete cascade,
  constraint current_job_worker_has_one_job
    unique (worker),
  constraint current_job_job_has_one_worker
    unique (job),
  constraint current_job_complete_has_an_outcome
    check (not is_complete or is_successful is not null),
  constraint current_job_times_are_in_1900_to_9999
    check (created_at between '1900-01-01 00:00:00+00' and '9999-12-31 23:59:59+00'
      and begun_at between '1900-01-01 00:00:00+00' and '9999-12-31 23:59:59+00'
      and lease_until between '1900-01-01 00:00:00+00' and '9999-12-31 23:59:59+00')
) with (fillfactor = 50, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000);

comment on table  supaqueue.current_job               is 'A worker and the job it has. The id is the token that proves who may report.';
comment on column supaqueue.current_job.dispatcher    is 'The run that has it. Null until a run takes it over.';
comment on column supaqueue.current_job.begun_at      is 'When its run was given it.';
comment on column supaqueue.current_job.lease_until   is 'Unreported by then, it counts as lost.';
comment on column supaqueue.current_job.despite_pause is 'Begun by run_now while its queue was paused: a run takes it though others wait.';
comment on column supaqueue.current_job.called        is 'Whether its run has said that the call went out.';

create index current_job_by_run on supaqueue.current_job (queue, dispatcher);
create index current_job_by_lease on supaqueue.current_job (lease_until);

-- What one waits for, or is refused by, is a row: any role can take an advisory lock of any
-- number, and no stranger can lock a row of ours.
create table supaqueue.key_lock (
  queue uuid primary key references supaqueue.queue on update cascade on delete cascade
) with (fillfactor = 50, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 500);

comment on table supaqueue.key_lock is 'Whoever begins jobs of a queue that has per_key holds its row: two that count at once see neither''s jobs.';

create table supaqueue.named_lock (
  space text not null,
  name  text not null,

  primary key (space, name),

  constraint named_lock_space_is_a_plain_name
    check (space ~ '^[a-z_]+$')
) with (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000);

comment on table  supaqueue.named_lock       is 'Names that a transaction takes for as long as it lasts. Always empty to others: see supaqueue_internal.take_name.';
comment on column supaqueue.named_lock.space is 'Whose names they are: a word per purpose.';

-- One row per attempt that did not succeed; per success only if the queue says so.
create table supaqueue.attempt (
  id       bigint      generated always as identity primary key,
  job      bigint      not null,
  attempt  integer     not null,
  outcome  text        not null,
  begun_at timestamptz,
  ended_at timestamptz not null,
  ms       integer,
  status   integer,
  error    text,
  head     text,
  run      uuid,
  region   text,

  constraint attempt_belongs_to_a_job
    foreign key (job) references supaqueue.job on update cascade on delete cascade,
  constraint attempt_times_are_in_1900_to_9999
    check (begun_at between '1900-01-01 00:00:00+00' and '9999-12-31 23:59:59+00'
      and ended_at between '1900-01-01 00:00:00+00' and '9999-12-31 23:59:59+00'),
  constraint attempt_attempt_and_ms_are_not_negative
    check (attempt >= 0 and ms >= 0)
);

comment on table  supaqueue.attempt          is 'How the attempts of jobs ended. Of successes only if the queue keeps them.';
comment on column supaqueue.attempt.attempt  is 'Which try of the job: 1 is the first.';
comment on column supaqueue.attempt.outcome  is 'As the dispatcher reported it: see the view outcome.';
comment on column supaqueue.attempt.begun_at is 'When a run took the job.';
comment on column supaqueue.attempt.ended_at is 'When the outcome was written down.';
comment on column supaqueue.attempt.ms       is 'How long the call took.';
comment on column supaqueue.attempt.status   is 'The HTTP status of the answer.';
comment on column supaqueue.attempt.head     is 'The beginning of the answer, redacted.';
comment on column supaqueue.attempt.run      is 'The run of the dispatcher that made the call.';
comment on column supaqueue.attempt.region   is 'Where the function ran.';

create index attempt_by_job on supaqueue.attempt (job, id);

-- What the sweep has to do. The file of each chore's function writes its row, so the sweep names none of them.
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

  constraint chore_name_has_at_most_200_letters
    check (length(name) <= 200),
  constraint chore_routine_is_a_plain_name
    check (routine ~ '^[a-z_]+$'),
  constraint chore_times_is_positive
    check (times between 1 and 1000),
  constraint chore_times_are_in_1900_to_9999
    check (last_at between '1900-01-01 00:00:00+00' and '9999-12-31 23:59:59+00'
      and last_ok_at between '1900-01-01 00:00:00+00' and '9999-12-31 23:59:59+00'),
  constraint chore_next_try_at_is_before_the_year_10000
    check (next_try_at < '10000-01-01 00:00:00+00'),
  constraint chore_failures_and_last_ms_are_not_negative
    check (failures between 0 and 1000001 and last_ms >= 0)
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

  primary key (kind, subject),

  constraint trouble_times_are_in_1900_to_9999
    check (since between '1900-01-01 00:00:00+00' and '9999-12-31 23:59:59+00'
      and tried_at between '1900-01-01 00:00:00+00' and '9999-12-31 23:59:59+00'),
  constraint trouble_next_try_at_is_before_the_year_10000
    check (next_try_at < '10000-01-01 00:00:00+00'),
  constraint trouble_tries_is_at_most_a_million
    check (tries between 0 and 1000001)
) with (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 500);

comment on table  supaqueue.trouble             is 'What could not be done, and why: set aside so that the others go on, and tried again at growing distances. No foreign keys: they would wait for whoever deletes the job.';
comment on column supaqueue.trouble.kind        is 'begin: a job cannot be begun. report: what became of a job cannot be written down. Others are named as their chore.';
comment on column supaqueue.trouble.subject     is 'The id of what it is about: a job, queue, schedule or worker.';
comment on column supaqueue.trouble.tries       is 'How often it was tried.';
comment on column supaqueue.trouble.next_try_at is 'When the sweep tries again: at once, then after 10 s, 20 s and so on, an hour at most. To have it tried now: supaqueue.try_again(kind, subject).';
comment on column supaqueue.trouble.code        is 'The SQLSTATE of the last failure.';
comment on column supaqueue.trouble.reason      is 'What the last failure said.';
comment on column supaqueue.trouble.report      is 'What became of the job, kept until it can be written down.';

create index trouble_by_job on supaqueue.trouble (job) where job is not null;
create index trouble_by_queue on supaqueue.trouble (queue) where queue is not null;

-- What the sweep did last. One row.
create table supaqueue.last_sweep (
  only_one      boolean     primary key default true,
  swept_at      timestamptz not null,
  ms            integer     not null,
  leases_lost   integer     not null,
  queues_woken  integer     not null,

  constraint last_sweep_is_one_row
    check (only_one),
  constraint last_sweep_swept_at_is_in_1900_to_9999
    check (swept_at between '1900-01-01 00:00:00+00' and '9999-12-31 23:59:59+00'),
  constraint last_sweep_counts_are_not_negative
    check (ms >= 0 and leases_lost >= 0 and queues_woken >= 0)
) with (fillfactor = 50);

comment on table  supaqueue.last_sweep          is 'What the sweep did last: when it ran, for how long, and what it found.';
comment on column supaqueue.last_sweep.only_one is 'There is only one row.';

alter table supaqueue.migration enable row level security;
alter table supaqueue.applied_file enable row level security;
alter table supaqueue.setting enable row level security;
alter table supaqueue.queue enable row level security;
alter table supaqueue.heartbeat enable row level security;
alter table supaqueue.circuit enable row level security;
alter table supaqueue.worker enable row level security;
alter table supaqueue.batch enable row level security;
alter table supaqueue.job enable row level security;
alter table supaqueue.current_job enable row level security;
alter table supaqueue.key_lock enable row level security;
alter table supaqueue.named_lock enable row level security;
alter table supaqueue.attempt enable row level security;
alter table supaqueue.chore enable row level security;
alter table supaqueue.trouble enable row level security;
alter table supaqueue.last_sweep enable row level security;

revoke all on all tables in schema supaqueue from public, anon, authenticated;
grant select on supaqueue.migration, supaqueue.applied_file to service_role;
grant select, insert, update, delete on
  supaqueue.setting, supaqueue.queue, supaqueue.heartbeat, supaqueue.circuit, supaqueue.worker, supaqueue.batch,
  supaqueue.job, supaqueue.current_job, supaqueue.key_lock, supaqueue.named_lock, supaqueue.attempt,
  supaqueue.chore, supaqueue.trouble, supaqueue.last_sweep
  to service_role;
