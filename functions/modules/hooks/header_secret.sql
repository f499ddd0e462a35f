-- header_secret: by which name Vault has what a queue sends as a header, of a webhook that was adopted.

create or replace function supaqueue_internal.header_secret(queue_name text, header text)
returns text
language sql
immutable
set search_path = pg_catalog, pg_temp
as $$ select format('%s_%s', queue_name, lower(replace(header, '-', '_'))) $$;

comment on function supaqueue_internal.header_secret(text, text) is 'By which name Vault has what a queue of an adopted webhook sends as a header.';
