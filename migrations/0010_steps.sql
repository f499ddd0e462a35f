-- Steps: parts of a function whose results are remembered, and the signals that one waits for.

create table supaqueue.step (
  job        bigint      not null,
  name       text        not null,
  occurrence integer     not null default 1,
  item       integer     not null default 0,
  kind       text        not null default 'run',
  status     text        not null,
  version    text,
  place      integer     not null,
  alone      boolean     not null default false,
  attempts   integer     not null default 0,
  items      integer,
  key        text,
  until      timestamptz,
  begun_at   timestamptz not null default now(),
  ended_at   timestamptz,
  ms         integer,
  result     jsonb,
  bytes      integer     not null default 0,
  error      text,
  tries      jsonb       not null default '[]',

  primary key (job, name, occurrence, item),
  constraint step_belongs_to_a_job
    foreign key (job) references supaqueue.job on update cascade on delete cascade,
  constraint step_name_is_1_to_200_characters
    check (length(name) between 1 and 200),
  constraint step_kind_is_known
    check (kind in ('run', 'map', 'sleep', 'wait')),
  constraint step_status_is_known
    check (status in ('running', 'failed', 'given_up', 'sleeping', 'waiting', 'done', 'timed_out')),
  constraint step_version_and_key_are_at_most_200_characters
    check (length(version) <= 200 and length(key) <= 200),
  constraint step_numbers_are_0_to_a_million
    check (occurrence between 1 and 1000000 and item between 0 and 1000000 and place between 1 and 1000000
      and attempts between 0 and 1000000 and items between 0 and 1000000 and ms >= 0 and bytes >= 0),
  constraint step_times_are_in_1900_to_9999
    check (until between '1900-01-01 00:00:00+00' and '9999-12-31 23:59:59+00'
      and begun_at between '1900-01-01 00:00:00+00' and '9999-12-31 23:59:59+00'
      and ended_at between '1900-01-01 00:00:00+00' and '9999-12-31 23:59:59+00'),
  constraint step_tries_is_a_list
    check (jsonb_typeof(tries) = 'array')
) with (fillfactor = 85, autovacuum_vacuum_scale_factor = 0.02, autovacuum_analyze_scale_factor = 0.05);

comment on table  supaqueue.step            is 'Parts of a job''s function that are remembered. Written under the token of the job.';
comment on column supaqueue.step.occurrence is 'Which call of this name it is, from 1.';
comment on column supaqueue.step.item       is 'Which item of a map, from 1; 0 for anything else, and for the map itself.';
comment on column supaqueue.step.kind       is 'run: a step or an item of a map. map: the map itself. sleep, wait: the function waits for a time, for a signal.';
comment on column supaqueue.step.status     is 'running (its call may have died), failed (it is tried again), given_up (its error is remembered), sleeping, waiting, done, timed_out (a wait that nothing came for).';
comment on column supaqueue.step.version    is 'Which version of its code it was, as the function says.';
comment on column supaqueue.step.place      is 'When the function first asked for it, in the order of all steps of the job; items have that of their map.';
comment on column supaqueue.step.alone      is 'Whether no two steps of the job had been under way at once until it was asked for: then its order is certain.';
comment on column supaqueue.step.attempts   is 'Tries begun.';
comment on column supaqueue.step.items      is 'How many items a map has.';
comment on column supaqueue.step.key        is 'By which a signal finds a wait, beside the job''s id.';
comment on column supaqueue.step.until      is 'When a sleep or a wait ends by itself, or a step is tried again by its own retries. Null: never, or with the job.';
comment on column supaqueue.step.ms         is 'How long the last try took.';
comment on column supaqueue.step.result     is 'What it brought, or what came with the signal. Null: nothing.';
comment on column supaqueue.step.bytes      is 'How much room the result takes.';
comment on column supaqueue.step.tries      is 'The last tries that did not succeed: attempt, at, ms, error.';

create index step_waiting_by_key on supaqueue.step (key, name, begun_at) where status = 'waiting' and key is not null;

-- No foreign keys: who sends one in a long transaction would keep its job from being reported. They
-- go with their job all the same (on_jobs_gone).
create table supaqueue.signal (
  id              bigint      generated always as identity primary key,
  created_at      timestamptz not null default now(),
  job             bigint,
  key             text,
  name            text        not null,
  payload         jsonb       not null default 'null',
  idempotency_key text,
  taken_by        bigint,
  taken_at        timestamptz,
  late            boolean     not null default false,

  constraint signal_is_for_a_job_or_for_a_key
    check (num_nonnulls(job, key) = 1),
  constraint signal_name_is_1_to_200_characters
    check (length(name) between 1 and 200),
  constraint signal_keys_are_at_most_200_characters
    check (length(key) between 1 and 200 and length(idempotency_key) <= 200),
  constraint signal_times_are_in_1900_to_9999
    check (created_at between '1900-01-01 00:00:00+00' and '9999-12-31 23:59:59+00'
      and taken_at between '1900-01-01 00:00:00+00' and '9999-12-31 23:59:59+00')
);

comment on table  supaqueue.signal                 is 'What functions wait for. One that nobody waits for yet is kept: for a job as long as the job, for a key 30 days.';
comment on column supaqueue.signal.key             is 'For whoever waits by this key, in place of a job.';
comment on column supaqueue.signal.idempotency_key is 'Twice for the same job or key and name is once.';
comment on column supaqueue.signal.taken_by        is 'The job whose wait it ended.';
comment on column supaqueue.signal.late            is 'It could not be delivered when it was committed; the sweep does.';

create index signal_by_job on supaqueue.signal (job, name, id) where job is not null;
create index signal_by_taker on supaqueue.signal (taken_by) where taken_by is not null;
create index signal_open_by_key on supaqueue.signal (key, name, id) where taken_at is null and key is not null;
create index signal_open_by_age on supaqueue.signal (created_at) where taken_at is null;
create index signal_late on supaqueue.signal (id) where late;
create unique index signal_to_a_job_comes_once on supaqueue.signal (job, name, idempotency_key) where idempotency_key is not null;
create unique index signal_to_a_key_comes_once on supaqueue.signal (key, name, idempotency_key) where idempotency_key is not null;

alter table supaqueue.step enable row level security;
alter table supaqueue.signal enable row level security;

revoke all on supaqueue.step, supaqueue.signal from public, anon, authenticated;
grant select, insert, update, delete on supaqueue.step, supaqueue.signal
  to service_role;
