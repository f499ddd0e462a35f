-- The HTTP door: keys of its own, and answers that are given again to a request that comes
-- twice.

-- Who may knock at the door besides the project's own key. The key itself is shown
-- once, when it is made, and stands nowhere.
create table supaqueue.api_key (
  id           uuid             primary key default gen_random_uuid(),
  created_at   timestamptz      not null default now(),
  name         text             not null,
  hash         text             not null,
  scopes       text[]           not null,
  max_rps      double precision,
  burst        integer          not null default 10,
  free_at      timestamptz      not null default '-infinity',
  expires_at   timestamptz,
  last_used_at timestamptz,

  constraint api_key_name_is_unique
    unique (name),
  constraint api_key_name_is_short_and_not_empty
    check (length(name) between 1 and 100),
  constraint api_key_hash_is_unique
    unique (hash),
  constraint api_key_hash_is_sha256
    check (hash ~ '^[0-9a-f]{64}$'),
  constraint api_key_scopes_are_known
    check (scopes <@ '{enqueue, read, control, metrics}' and cardinality(scopes) > 0),
  constraint api_key_max_rps_is_positive
    check (max_rps > 0 and max_rps <= 100000),
  constraint api_key_burst_is_positive
    check (burst > 0),
  constraint api_key_times_are_in_1900_to_9999
    check (created_at between '1900-01-01 00:00:00+00' and '9999-12-31 23:59:59+00'
      and expires_at between '1900-01-01 00:00:00+00' and '9999-12-31 23:59:59+00'
      and last_used_at between '1900-01-01 00:00:00+00' and '9999-12-31 23:59:59+00'),
  constraint api_key_free_at_is_before_the_year_10000
    check (free_at < '10000-01-01 00:00:00+00'),
  constraint api_key_max_rps_is_at_least_a_millionth
    check (max_rps >= 0.000001),
  constraint api_key_burst_is_at_most_a_million
    check (burst <= 1000000)
) with (fillfactor = 50, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 500);

comment on table  supaqueue.api_key              is 'Keys of the HTTP door. Made by create_api_key, which shows the key once.';
comment on column supaqueue.api_key.hash         is 'SHA-256 of the key, in hexadecimal digits.';
comment on column supaqueue.api_key.scopes       is 'What it may do: enqueue, read, control, metrics.';
comment on column supaqueue.api_key.max_rps      is 'How many requests a second. Null: as many as come.';
comment on column supaqueue.api_key.burst        is 'How many may come at once after a pause.';
comment on column supaqueue.api_key.free_at      is 'When the next request may come.';
comment on column supaqueue.api_key.expires_at   is 'Refused from then on. Null: never.';
comment on column supaqueue.api_key.last_used_at is 'When it was last used; to the minute, unless it has a max_rps.';

-- What was answered to requests that had an Idempotency-Key.
create table supaqueue.api_answer (
  caller       text        not null,
  key          text        not null,
  created_at   timestamptz not null default now(),
  request_hash text        not null,
  answer       text        not null,
  queue        uuid,

  primary key (caller, key),
  -- A name made anew inherits nothing: an answer goes with the queue that it is about.
  constraint api_answer_is_about_a_queue
    foreign key (queue) references supaqueue.queue on update cascade on delete cascade,
  constraint api_answer_created_at_is_in_1900_to_9999
    check (created_at between '1900-01-01 00:00:00+00' and '9999-12-31 23:59:59+00')
) with (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000);

comment on table  supaqueue.api_answer              is 'What the HTTP door answered to requests with an Idempotency-Key, for 24 hours.';
comment on column supaqueue.api_answer.caller       is 'The id of the api_key, or empty for the project''s own key.';
comment on column supaqueue.api_answer.key          is 'The Idempotency-Key.';
comment on column supaqueue.api_answer.request_hash is 'SHA-256 of method, path and body: the same key with another request is an error.';
comment on column supaqueue.api_answer.answer       is 'The body of the answer.';

comment on column supaqueue.api_answer.queue        is 'What it is about: without it, the answer is void.';

create index api_answer_by_queue on supaqueue.api_answer (queue);
create index api_answer_by_age on supaqueue.api_answer (created_at);

alter table supaqueue.api_key enable row level security;
alter table supaqueue.api_answer enable row level security;

revoke all on supaqueue.api_key, supaqueue.api_answer from public, anon, authenticated;
grant select, insert, update, delete on supaqueue.api_key, supaqueue.api_answer
  to service_role;

-- So that every later install brings it to its release.
insert into supaqueue.setting (name, value) values ('addon_api', 'installed') on conflict (name) do nothing;
