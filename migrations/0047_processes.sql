-- Processes that stay and serve queues over a connection of their own (supaqueue work).

create table supaqueue.process (
  id          uuid        primary key,
  name        text        not null default '',
  queues      text[],
  functions   boolean     not null default false,
  begun_at    timestamptz not null default clock_timestamp(),
  lease_until timestamptz not null,

  constraint process_name_is_at_most_200_bytes
    check (octet_length(name) <= 200),
  constraint process_queues_are_at_most_1000
    check (cardinality(queues) <= 1000),
  constraint process_queues_are_at_most_64_kb
    check (octet_length(queues::text) <= 65536),
  constraint process_begun_at_and_lease_until_are_in_1900_to_9999
    check (begun_at between '1900-01-01 00:00:00+00' and '9999-12-31 23:59:59+00'
      and lease_until between '1900-01-01 00:00:00+00' and '9999-12-31 23:59:59+00')
) with (fillfactor = 50, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 500);

comment on table  supaqueue.process             is 'Processes that stay, and serve queues. While one lives, its queues wake no edge function.';
comment on column supaqueue.process.name        is 'Where it runs, for people.';
comment on column supaqueue.process.queues      is 'The names of the queues that it serves; null for all.';
comment on column supaqueue.process.functions   is 'Whether it has a key to call edge functions with. If not, it serves queues for URLs only.';
comment on column supaqueue.process.lease_until is 'One that died is noticed once this is past.';

alter table supaqueue.process enable row level security;

revoke all on supaqueue.process from public, anon, authenticated;
grant select, insert, update, delete on supaqueue.process to service_role;
