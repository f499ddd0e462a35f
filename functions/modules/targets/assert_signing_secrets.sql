-- assert_signing_secrets: a queue signs with no secret that is not its own to sign with.
--
-- Whoever receives calls knows what signs them. Of our own names a queue may have that which
-- all may share, supaqueue_webhook_secret, and its own. Error: SQ422.

create or replace function supaqueue_internal.assert_signing_secrets(queue supaqueue.queue)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  wrong text;
begin
  select entry into wrong
  from unnest((assert_signing_secrets.queue).signing_secrets) as entry
  where entry ilike 'supaqueue%' and entry <> 'supaqueue_webhook_secret'
    and not starts_with(entry, 'supaqueue_webhook_secret_' || (assert_signing_secrets.queue).id)
  limit 1;
  if found then
    raise exception using
      errcode = 'SQ422',
      message = format('the secret %s cannot be used by this queue to sign', quote_literal(wrong)),
      hint = 'Leave signing_secrets null for a secret of its own, or name one that you have put into Vault. Nothing was changed.';
  end if;
end;
$$;

comment on function supaqueue_internal.assert_signing_secrets(supaqueue.queue) is 'Raises when a queue would sign with a secret that is not its own.';
