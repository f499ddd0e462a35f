-- Which project a database belongs to, so that a copy of it calls nobody until it is told to.

create table supaqueue.home (
  id      uuid        primary key default gen_random_uuid(),
  project text        not null,
  adopted boolean     not null default true,
  seen_at timestamptz not null default clock_timestamp(),

  constraint home_project_is_at_most_200_bytes
    check (octet_length(project) <= 200),
  constraint home_seen_at_is_in_1900_to_9999
    check (seen_at between '1900-01-01 00:00:00+00' and '9999-12-31 23:59:59+00')
);

comment on table  supaqueue.home         is 'The projects whose dispatcher has asked for jobs. A copy of the database has the row of its original.';
comment on column supaqueue.home.project is 'The address of a hosted project; of any other, the system identifier of its database.';
comment on column supaqueue.home.adopted is 'Whether it gets jobs. False: it asked, and the database belongs to another one.';
comment on column supaqueue.home.seen_at is 'When it first asked; while it gets no jobs, when it last did.';

alter table supaqueue.home enable row level security;

revoke all on supaqueue.home from public, anon, authenticated;
grant select, insert, update, delete on supaqueue.home to service_role;
