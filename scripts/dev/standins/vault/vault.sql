-- A stand-in for Supabase Vault 0.3: the same relations, functions and rights. May run again.

create schema if not exists vault;

-- The original keeps its key outside the database. Here only the owner of this table reads it.
create table if not exists vault._key (
  only_one boolean primary key default true check (only_one),
  value bytea not null
);
insert into vault._key (value) values (extensions.gen_random_bytes(32)) on conflict do nothing;

-- The original's encryption primitives. Whoever inserts by hand needs the last one for a default, and may not run it:
-- so a direct insert fails here as it does there.
create or replace function vault._crypto_aead_det_noncegen()
returns bytea
language sql
volatile
set search_path = pg_catalog, pg_temp
as $$
  select extensions.gen_random_bytes(16);
$$;

create or replace function vault._passphrase(id uuid, nonce bytea)
returns text
language sql
stable
security definer -- the only door to the key
set search_path = pg_catalog, pg_temp
as $$
  select encode(extensions.hmac(uuid_send(id) || nonce, stored.value, 'sha256'), 'hex')
  from vault._key as stored;
$$;

create or replace function vault._encrypt(secret text, id uuid, nonce bytea)
returns text
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
  -- One round of hashing: the passphrase is a random key already, and stretching it would only take time.
  select replace(
    encode(
      extensions.pgp_sym_encrypt(secret, vault._passphrase(id, nonce), 's2k-mode=1, compress-algo=0'),
      'base64'
    ),
    e'\n',
    ''
  );
$$;

create or replace function vault._decrypt(ciphertext text, id uuid, nonce bytea)
returns text
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  return extensions.pgp_sym_decrypt(decode(ciphertext, 'base64'), vault._passphrase(id, nonce));
exception when external_routine_invocation_exception or data_exception then
  -- The words of the original, where what it has was encrypted under another key.
  raise exception using
    errcode = 'data_exception',
    message = 'pgsodium_crypto_aead_det_decrypt_by_id: invalid ciphertext';
end
$$;

create table if not exists vault.secrets (
  id uuid primary key default gen_random_uuid(),
  name text,
  description text not null default '',
  secret text not null,
  key_id uuid,
  nonce bytea default vault._crypto_aead_det_noncegen(),
  created_at timestamptz not null default current_timestamp,
  updated_at timestamptz not null default current_timestamp
);

create unique index if not exists secrets_name_idx on vault.secrets (name) where name is not null;

create or replace view vault.decrypted_secrets as
select
  stored.id,
  stored.name,
  stored.description,
  stored.secret,
  vault._decrypt(stored.secret, stored.id, stored.nonce) as decrypted_secret,
  stored.key_id,
  stored.nonce,
  stored.created_at,
  stored.updated_at
from vault.secrets as stored;

create or replace function vault.create_secret(
  new_secret text,
  new_name text default null,
  new_description text default '',
  new_key_id uuid default null
)
returns uuid
language plpgsql
security definer -- nobody but the owner may insert
set search_path = pg_catalog, pg_temp
as $$
declare
  new_id uuid := gen_random_uuid();
  new_nonce bytea := vault._crypto_aead_det_noncegen();
begin
  insert into vault.secrets (id, name, description, secret, nonce)
  values (new_id, new_name, new_description, vault._encrypt(new_secret, new_id, new_nonce), new_nonce);
  return new_id;
end
$$;

create or replace function vault.update_secret(
  secret_id uuid,
  new_secret text default null,
  new_name text default null,
  new_description text default null,
  new_key_id uuid default null
)
returns void
language sql
security definer -- nobody but the owner may update
set search_path = pg_catalog, pg_temp
as $$
  update vault.secrets as stored
  set
    secret = coalesce(vault._encrypt(new_secret, stored.id, stored.nonce), stored.secret),
    name = coalesce(new_name, stored.name),
    description = coalesce(new_description, stored.description),
    updated_at = now()
  where stored.id = secret_id;
$$;

revoke execute on all functions in schema vault from public;

grant usage on schema vault to postgres with grant option;
grant select, delete on vault.secrets, vault.decrypted_secrets to postgres with grant option;
grant execute on function vault.create_secret, vault.update_secret, vault._decrypt to postgres with grant option;

grant usage on schema vault to service_role;
grant select, delete on vault.secrets, vault.decrypted_secrets to service_role;
grant execute on function vault.create_secret, vault.update_secret, vault._decrypt to service_role;
