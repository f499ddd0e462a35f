-- schema: where the functions live that bear fetchq's names.
--
-- Applied before them. No tables: documents are jobs, and queues are queues.

create schema if not exists fetchq;

comment on schema fetchq is 'The functions of fetchq, over the queues and jobs of supaqueue.';
revoke all on schema fetchq from public, anon, authenticated;
grant usage on schema fetchq to service_role;

-- So that every later install applies it anew.
insert into supaqueue.setting (name, value) values ('addon_fetchq', 'installed') on conflict (name) do nothing;
