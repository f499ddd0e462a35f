-- The schema, its ledger of applied migrations, and who may enter.

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
  applied_at timestamptz not null default now()
);

comment on table supaqueue.migration is 'Which migrations have been applied, with their checksums. Written by the installer.';

-- What is neither secret nor a limit of one queue. The secret lives in Vault.
create table supaqueue.setting (
  name  text primary key,
  value text not null,

  constraint setting_name_is_snake_case check (name ~ '^[a-z][a-z0-9_]*$')
);

comment on table supaqueue.setting is 'Where the functions live, and the dispatcher''s limits. Explained in supabase/functions/supaqueue/README.md.';

alter table supaqueue.migration enable row level security;
alter table supaqueue.setting enable row level security;

revoke all on supaqueue.migration, supaqueue.setting from public, anon, authenticated;
grant select on supaqueue.migration to service_role;
grant select, insert, update, delete on supaqueue.setting to service_role;
