-- rotate_webhook_secret: a queue that calls a URL gets another secret of its own.
--
-- called by  the owner, by hand
-- writes     Vault, and what note_act writes
--
-- The one it had signs beside the new one until retire_webhook_secret: a receiver that knows
-- either is content meanwhile. Returns the name of the new one in Vault. Refused while an
-- older one has not been retired, since its receivers would be cut off.
-- Errors: SQ404 no such queue, SQ409 a rotation is under way, SQ422 the queue names its secrets itself.

create or replace function supaqueue_internal.rotate_webhook_secret(queue text)
returns text
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  target constant supaqueue.queue := supaqueue_internal.find_queue(rotate_webhook_secret.queue);
  names constant text[] := supaqueue_internal.signing_secrets_of(target);
  held record;
begin
  if target.url is null or target.signing_secrets is not null then
    raise exception using
      errcode = 'SQ422',
      message = format('queue %s has no signing secret of its own', quote_literal(target.name)),
      hint = 'It calls a function, or names its secrets in signing_secrets: put the new name first there, and take the old one out later. Nothing was changed.';
  end if;
  if exists (select from vault.secrets where secrets.name = names[2]) then
    raise exception using
      errcode = 'SQ409',
      message = format('queue %s has two signing secrets already', quote_literal(target.name)),
      hint = 'Nothing was changed. Give its receivers the new one, then: select supaqueue_internal.retire_webhook_secret(' || quote_literal(target.name) || ');';
  end if;

  select entry.id, entry.decrypted_secret into held from vault.decrypted_secrets as entry where entry.name = names[1];
  if held.id is not null then
    perform vault.create_secret(held.decrypted_secret, names[2], 'The previous signing secret of a queue of supaqueue.');
    perform vault.update_secret(held.id, 'whsec_' || encode(extensions.gen_random_bytes(32), 'base64'));
  else
    perform supaqueue_internal.make_webhook_secret(names[1]);
  end if;
  perform supaqueue_internal.note_act('change signing secret', target.id);
  return names[1];
end;
$$;

comment on function supaqueue_internal.rotate_webhook_secret(text) is 'For the owner alone: a queue gets another signing secret; the one it had signs beside it until it is retired.';
