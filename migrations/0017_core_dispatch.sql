-- What dispatch knows about itself: which wake-ups were posted, and what became of them. Adds an empty
-- column to supaqueue.heartbeat, which has a row per queue: the lock is short whatever the size.

alter table supaqueue.heartbeat
  add column turned_at timestamptz,
  add constraint heartbeat_turned_at_is_in_1900_to_9999
    check (turned_at between '1900-01-01 00:00:00+00' and '9999-12-31 23:59:59+00');

comment on column supaqueue.heartbeat.turned_at is 'When the leader last took a turn, up to a second late.';

-- Wake-ups whose answer is not known yet. pg_net keeps answers by the id of their request, among
-- those to everybody else's requests. Without a foreign key: to post would wait for whoever deletes the queue.
create table supaqueue.wake_up (
  request   bigint      primary key,
  queue     uuid        not null,
  posted_at timestamptz not null default clock_timestamp(),

  constraint wake_up_posted_at_is_in_1900_to_9999
    check (posted_at between '1900-01-01 00:00:00+00' and '9999-12-31 23:59:59+00')
) with (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 500);

comment on table  supaqueue.wake_up         is 'Wake-ups that were posted, until the sweep has seen their answers, or for a quarter of an hour.';
comment on column supaqueue.wake_up.request is 'The id that pg_net gave it.';

-- What became of the last wake-ups and runs. One row.
create table supaqueue.dispatch (
  only_one       boolean     primary key default true,
  accepted_at    timestamptz,
  refused_at     timestamptz,
  refused_since  timestamptz,
  refusals       integer     not null default 0,
  status         integer,
  code           text,
  message        text,
  hint           text,
  run            uuid,
  run_at         timestamptz,
  fingerprints   text[],
  vault_seen     text,
  vault_seen_at  timestamptz,

  constraint dispatch_is_one_row
    check (only_one),
  constraint dispatch_times_are_in_1900_to_9999
    check (accepted_at between '1900-01-01 00:00:00+00' and '9999-12-31 23:59:59+00'
      and refused_at between '1900-01-01 00:00:00+00' and '9999-12-31 23:59:59+00'
      and refused_since between '1900-01-01 00:00:00+00' and '9999-12-31 23:59:59+00'
      and run_at between '1900-01-01 00:00:00+00' and '9999-12-31 23:59:59+00'
      and vault_seen_at between '1900-01-01 00:00:00+00' and '9999-12-31 23:59:59+00'),
  constraint dispatch_refusals_is_at_most_a_million
    check (refusals between 0 and 1000000)
) with (fillfactor = 50);

comment on table  supaqueue.dispatch               is 'What became of the last wake-ups and runs.';
comment on column supaqueue.dispatch.only_one      is 'There is only one row.';
comment on column supaqueue.dispatch.accepted_at   is 'When the dispatcher last accepted a wake-up.';
comment on column supaqueue.dispatch.refused_at    is 'When a wake-up was last refused, or did not arrive.';
comment on column supaqueue.dispatch.refused_since is 'The first refusal after the last one that was accepted.';
comment on column supaqueue.dispatch.refusals      is 'How many since then.';
comment on column supaqueue.dispatch.status        is 'The HTTP status of the last refusal; null when there was no answer.';
comment on column supaqueue.dispatch.code          is 'The code in its answer: SQ and a number is the dispatcher''s, any other the platform''s.';
comment on column supaqueue.dispatch.run           is 'The run that began last.';
comment on column supaqueue.dispatch.fingerprints  is 'The fingerprints of the secrets that its functions had.';
comment on column supaqueue.dispatch.vault_seen    is 'The fingerprint of the secret in Vault when the sweep last looked.';
comment on column supaqueue.dispatch.vault_seen_at is 'When it was first seen to be that one.';

insert into supaqueue.dispatch default values;

alter table supaqueue.wake_up enable row level security;
alter table supaqueue.dispatch enable row level security;

revoke all on supaqueue.wake_up, supaqueue.dispatch from public, anon, authenticated;
grant select, insert, update, delete on supaqueue.wake_up, supaqueue.dispatch to service_role;
