-- retire_webhook_secret: the previous signing secret of a queue signs no more.
--
-- called by  the owner, by hand, when all receivers know the new one
-- writes     Vault, and what note_act writes
--
-- Returns whether there was one. Error: SQ404 no such queue.

create or replace function supaqueue_internal.retire_webhook_secret(queue text)
returns boolean
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  target constant supaqueue.queue := supaqueue_internal.find_queue(retire_webhook_secret.queue);
begin
  delete from vault.secrets where secrets.name = 'supaqueue_webhook_secret_' || target.id || '_previous';
  if not found then
    return false;
  end if;
  perform supaqueue_internal.note_act('retire signing secret', target.id);
  return true;
end;
$$;

comment on function supaqueue_internal.retire_webhook_secret(text) is 'For the owner alone: the previous signing secret of a queue signs no more.';
