-- What the installer has applied of functions/, so that an upgrade leaves alone what is the same.

create table supaqueue.applied_file (
  path        text        not null,
  -- A file of a trigger makes two things: the function, and the trigger.
  kind        text        not null,
  checksum    text        not null,
  -- What there was of it in the database just after: whoever changes it by hand gets another.
  fingerprint text        not null,
  applied_at  timestamptz not null default now(),

  primary key (path, kind)
);

comment on table supaqueue.applied_file is 'Which functions, views and triggers were applied, and what they looked like then. Written by the installer.';

alter table supaqueue.applied_file enable row level security;
revoke all on supaqueue.applied_file from public, anon, authenticated;
grant select on supaqueue.applied_file to service_role;
