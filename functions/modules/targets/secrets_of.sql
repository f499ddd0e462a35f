-- secrets_of: the Vault secrets that the calls of a queue need, by name: those that
-- its headers name as `vault:<name>`, and for a URL those that sign.
--
-- reads      Vault
--
-- In place of the core's default.
-- Null when it needs none. A name that Vault does not have is missing. A queue can
-- name any secret of the project, so whoever may write queues may read them all;
-- a job cannot.
--
-- Security definer: Vault is for the owner's eyes, the turn runs as service_role.

create or replace function supaqueue_internal.secrets_of(queue supaqueue.queue)
returns json
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  names text[] := case when (secrets_of.queue).url is null then '{}' else supaqueue_internal.signing_secrets_of(secrets_of.queue) end;
begin
  if strpos((secrets_of.queue).default_headers::text, '"vault:') > 0 then
    names := names || array(
      select substr(header.value, 7) from jsonb_each_text((secrets_of.queue).default_headers) as header
      -- Refused when it is written; a row from elsewhere names it in vain.
      where header.value like 'vault:%' and header.value not ilike 'vault:supaqueue%'
    );
  end if;
  if names = '{}' then
    return null;
  end if;
  -- Without Vault every name is missing, and the calls wait and say so.
  if to_regclass('vault.decrypted_secrets') is null then
    return '{}';
  end if;
  return (
    select coalesce(json_object_agg(entry.name, entry.decrypted_secret), '{}')
    from vault.decrypted_secrets as entry
    where entry.name = any (names) and entry.name <> 'supaqueue_secret'
  );
end;
$$;

comment on function supaqueue_internal.secrets_of(supaqueue.queue) is 'The Vault secrets that the calls of a queue need, by name.';
