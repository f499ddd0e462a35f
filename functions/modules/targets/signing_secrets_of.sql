-- signing_secrets_of: which secrets of Vault sign the calls of a queue to its URL, by name.
--
-- Those that the queue names, or else its own: the current one first, then the previous one,
-- which is in Vault only while the two are exchanged.

create or replace function supaqueue_internal.signing_secrets_of(queue supaqueue.queue)
returns text[]
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $$
begin
  return coalesce(
    (signing_secrets_of.queue).signing_secrets,
    array[
      'supaqueue_webhook_secret_' || (signing_secrets_of.queue).id,
      'supaqueue_webhook_secret_' || (signing_secrets_of.queue).id || '_previous'
    ]
  );
end;
$$;

comment on function supaqueue_internal.signing_secrets_of(supaqueue.queue) is 'Which secrets of Vault sign the calls of a queue to its URL.';
