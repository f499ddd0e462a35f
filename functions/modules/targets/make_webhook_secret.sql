-- make_webhook_secret: the secret that signs the calls of a queue to its URL, unless there
-- is one: in Vault, of the form that Standard Webhooks has.
--
-- writes     Vault
--
-- Warns where Vault is missing; the queue is made all the same, and its calls wait
-- until the secret is there.

create or replace function supaqueue_internal.make_webhook_secret(name text)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  if not exists (select from vault.decrypted_secrets as entry where entry.name = make_webhook_secret.name) then
    perform vault.create_secret(
      'whsec_' || encode(extensions.gen_random_bytes(32), 'base64'),
      make_webhook_secret.name,
      'Signs what a queue of supaqueue sends to URLs. Give it to those who receive it.'
    );
  end if;
exception
  -- Somebody else has just made it.
  when unique_violation then
    return;
  when assert_failure or others then
    raise warning using
      errcode = 'SQ503',
      message = format('supaqueue cannot make the secret that calls to URLs are signed with: %s', sqlerrm),
      hint = 'Its calls wait. Enable Vault, then: select vault.create_secret(''whsec_<base64>'', ' || quote_literal(make_webhook_secret.name) || ');';
end;
$$;

comment on function supaqueue_internal.make_webhook_secret(text) is 'Makes the secret that signs the calls of a queue to its URL, unless there is one.';
