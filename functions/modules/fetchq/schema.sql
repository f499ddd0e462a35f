-- schema: where the functions live that bear fetchq's names.
--
-- Applied before them. Documents are jobs, and queues are queues. What supaqueue does not
-- have, what is set for a queue and the snapshots of its numbers, is in two tables beside
-- its own, so that remove does with them as with the rest.

create schema if not exists fetchq;

comment on schema fetchq is 'The functions of fetchq, over the queues and jobs of supaqueue.';
revoke all on schema fetchq from public, anon, authenticated;
grant usage on schema fetchq to service_role;

create table if not exists supaqueue.fetchq_option (
  queue          uuid     primary key references supaqueue.queue on update cascade on delete cascade,
  logs_retention interval,
  -- Logs up to this one were looked at.
  logs_seen      bigint   not null default 0
);

comment on table supaqueue.fetchq_option is 'What is set for a queue of fetchq: how long its logs are kept. supaqueue has the rest.';
alter table supaqueue.fetchq_option enable row level security;
revoke all on supaqueue.fetchq_option from public, anon, authenticated;
grant select, insert, update, delete on supaqueue.fetchq_option to service_role;

create table if not exists supaqueue.fetchq_snapshot (
  id         bigint      generated always as identity primary key,
  created_at timestamptz not null default clock_timestamp(),
  queue      uuid        not null references supaqueue.queue on update cascade on delete cascade,
  metric     text        not null,
  value      bigint      not null
);
create index if not exists fetchq_snapshot_by_queue on supaqueue.fetchq_snapshot (queue, metric, created_at);

comment on table supaqueue.fetchq_snapshot is 'Numbers of a queue of supaqueue at a time, as metric_snap wrote them down.';
alter table supaqueue.fetchq_snapshot enable row level security;
revoke all on supaqueue.fetchq_snapshot from public, anon, authenticated;
grant select, insert, update, delete on supaqueue.fetchq_snapshot to service_role;

-- So that every later install applies it anew.
insert into supaqueue.setting (name, value) values ('addon_fetchq', 'installed') on conflict (name) do nothing;
