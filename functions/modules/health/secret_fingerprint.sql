-- secret_fingerprint: by what the secret of wake-ups can be told from another, without telling it.
--
-- reads      the Vault secret supaqueue_secret
--
-- The first 8 hex digits of the SHA-256 of 'supaqueue-fingerprint:' and the secret, as the dispatcher
-- makes it of its own. Null when Vault has none, or cannot decrypt it.
--
-- Security definer: the Vault secret is for the owner's eyes, whoever asks.

create or replace function supaqueue_internal.secret_fingerprint()
returns text
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  return (
    select left(encode(sha256(convert_to('supaqueue-fingerprint:' || entry.decrypted_secret, 'utf8')), 'hex'), 8)
    from vault.decrypted_secrets as entry
    where entry.name = 'supaqueue_secret'
  );
exception when assert_failure or others then
  return null;
end;
$$;

comment on function supaqueue_internal.secret_fingerprint() is 'By what the secret of wake-ups can be told from another.';
