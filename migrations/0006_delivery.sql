-- Delivery: other targets than edge functions, what a job may have of its own,
-- the history of attempts, and targets that are not to be called for a while.

alter table supaqueue.queue
  alter column edge_function_name drop not null,
  add column url                   text,
  add column method                text    not null default 'POST',
  add column allowed_hosts         text[]  not null default '{}',
  add column signing_secrets       text[]  not null default '{supaqueue_webhook_secret}',
  add column max_deferrals         integer not null default 1000,
  add column result_max_bytes      integer not null default 65536,
  add column keep_success_attempts boolean not null default false,
  add column redact                text[]  not null default '{}',

  add constraint queue_calls_a_function_or_a_url
    check (num_nonnulls(edge_function_name, url) = 1),
  -- A password in a URL would stand in logs and tables.
  add constraint queue_url_is_http_without_a_password
    check (url ~* '^https?://[^/?#@\s]+([/?#]\S*)?$'),
  add constraint queue_method_is_known
    check (method in ('GET', 'POST', 'PUT', 'PATCH', 'DELETE')),
  add constraint queue_max_deferrals_is_not_negative
    check (max_deferrals >= 0),
  add constraint queue_result_max_bytes_is_at_most_a_megabyte
    check (result_max_bytes between 0 and 1048576);

comment on table  supaqueue.queue                       is 'Which edge function or URL to call, and how. As many calls at once as the queue has workers.';
comment on column supaqueue.queue.name                  is 'Unique. Left empty, it becomes the function''s name, or the URL''s host.';
comment on column supaqueue.queue.url                   is 'Called instead of an edge function; signed, and without the project''s key.';
comment on column supaqueue.queue.method                is 'GET and DELETE send the payload as query parameters.';
comment on column supaqueue.queue.allowed_hosts         is 'Hosts that the url of a job may have, besides that of the queue.';
comment on column supaqueue.queue.signing_secrets       is 'Names of Vault secrets; each signs the calls to a URL. Several while one is exchanged for another.';
comment on column supaqueue.queue.max_deferrals         is 'How often a job may be turned away before it is failed. Being turned away uses no attempt.';
comment on column supaqueue.queue.result_max_bytes      is 'How much of an answer is kept as the result.';
comment on column supaqueue.queue.keep_success_attempts is 'Whether attempts that succeeded are written into attempt, too.';
comment on column supaqueue.queue.redact                is 'Names of headers and JSON fields whose values are never stored.';

-- What is null here is the queue's.
alter table supaqueue.job
  add column url              text,
  add column method           text,
  add column headers          jsonb,
  add column query            jsonb,
  add column timeout_ms       integer,
  add column max_attempts     integer,
  add column retry_base_ms    integer,
  add column retry_max_ms     integer,
  add column deferrals        integer not null default 0,
  add column state            jsonb,
  add column progress_percent numeric(5, 2),
  add column progress_note    text;

comment on column supaqueue.job.url              is 'Called instead of the queue''s url; its host must be that of the queue, or one of allowed_hosts.';
comment on column supaqueue.job.method           is 'Instead of the queue''s.';
comment on column supaqueue.job.headers          is 'An object of text values, on top of the queue''s default_headers.';
comment on column supaqueue.job.query            is 'An object: query parameters of the call.';
comment on column supaqueue.job.timeout_ms       is 'Instead of the queue''s.';
comment on column supaqueue.job.max_attempts     is 'Instead of the queue''s.';
comment on column supaqueue.job.retry_base_ms    is 'Instead of the queue''s.';
comment on column supaqueue.job.retry_max_ms     is 'Instead of the queue''s.';
comment on column supaqueue.job.deferrals        is 'How often in a row the target turned the job away. Uses no attempt.';
comment on column supaqueue.job.state            is 'What the function handed on to its next call (a slice).';
comment on column supaqueue.job.progress_percent is 'What the function said last about how far it is.';
comment on column supaqueue.job.progress_note    is 'What the function said last about what it is doing.';

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
    foreign key (job) references supaqueue.job on update cascade on delete cascade
);

comment on table  supaqueue.attempt          is 'How the attempts of jobs ended. Of successes only if the queue keeps them.';
comment on column supaqueue.attempt.attempt  is 'Which try of the job: 1 is the first.';
comment on column supaqueue.attempt.outcome  is 'As the dispatcher reported it; explained in functions/README.md.';
comment on column supaqueue.attempt.begun_at is 'When a run took the job.';
comment on column supaqueue.attempt.ended_at is 'When the outcome was written down.';
comment on column supaqueue.attempt.ms       is 'How long the call took.';
comment on column supaqueue.attempt.status   is 'The HTTP status of the answer.';
comment on column supaqueue.attempt.head     is 'The beginning of the answer, redacted.';
comment on column supaqueue.attempt.run      is 'The run of the dispatcher that made the call.';
comment on column supaqueue.attempt.region   is 'Where the function ran.';

create index attempt_by_job on supaqueue.attempt (job, id);

-- Whether the target of a queue takes calls. A table of its own, and a row for
-- every queue, so that nobody waits for whoever is just creating one.
create table supaqueue.circuit (
  queue      uuid        primary key references supaqueue.queue on update cascade on delete cascade,
  failures   integer     not null default 0,
  openings   integer     not null default 0,
  opened_at  timestamptz,
  open_until timestamptz,
  reason     text
) with (fillfactor = 50);

comment on table  supaqueue.circuit            is 'Whether the target of a queue takes calls. Open: it turned calls away again and again, and is left alone for a while.';
comment on column supaqueue.circuit.failures   is 'How often in a row the target turned a call away.';
comment on column supaqueue.circuit.openings   is 'How often in a row the circuit opened: each time for longer.';
comment on column supaqueue.circuit.open_until is 'Until then nothing is called; then one job is tried. Null: closed.';
comment on column supaqueue.circuit.reason     is 'What the target said last.';

insert into supaqueue.circuit (queue) select queue.id from supaqueue.queue;

alter table supaqueue.attempt enable row level security;
alter table supaqueue.circuit enable row level security;

revoke all on supaqueue.attempt, supaqueue.circuit from public, anon, authenticated;
grant select, insert, update, delete on supaqueue.attempt, supaqueue.circuit to service_role;
