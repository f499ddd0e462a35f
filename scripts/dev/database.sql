-- What a Supabase project has in a database before its user comes. For `postgres`, and for `template1`, of which every
-- further database is a copy. May run again.

create schema if not exists extensions;
create extension if not exists pgcrypto with schema extensions;
-- The Data API serves it from the start.
create schema if not exists graphql_public;

grant usage on schema extensions to postgres, anon, authenticated, service_role;
grant all on schema extensions to postgres;
grant usage on schema public to postgres, anon, authenticated, service_role;
grant all on schema public to postgres;

-- The old, generous defaults: whoever forgets to revoke shall see it here.
alter default privileges for role postgres in schema public grant all on tables to anon, authenticated, service_role;
alter default privileges for role postgres in schema public grant all on functions to anon, authenticated, service_role;
alter default privileges for role postgres in schema public grant all on sequences to anon, authenticated, service_role;
