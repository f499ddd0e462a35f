-- sends_credential: whether what a queue sends with its calls proves who it is.
--
-- A header out of Vault, or one whose name says that it is a credential. Of a queue that calls a
-- function: no, since that function is the project's own.

create or replace function supaqueue_internal.sends_credential(queue supaqueue.queue)
returns boolean
language sql
immutable
set search_path = pg_catalog, pg_temp
as $$
  select (sends_credential.queue).url is not null and exists (
    select
    from jsonb_each((sends_credential.queue).default_headers) as header
    where header.value #>> '{}' like 'vault:%'
      or header.key ~* '(auth|cookie|key|token|secret|passw|credential|session|signature)'
  )
$$;

comment on function supaqueue_internal.sends_credential(supaqueue.queue) is 'Whether what a queue sends with its calls proves who it is.';
