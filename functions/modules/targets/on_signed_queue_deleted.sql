-- on_signed_queue_deleted: the signing secrets that a queue had of its own go with it.
--
-- writes     Vault
--
-- Those that it names are not its own: they stay.
-- Security definer: whoever may delete a queue may not write Vault.

create or replace function supaqueue_internal.on_signed_queue_deleted()
returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  delete from vault.secrets
  where secrets.name in ('supaqueue_webhook_secret_' || old.id, 'supaqueue_webhook_secret_' || old.id || '_previous');
  return null;
exception when undefined_table or insufficient_privilege or invalid_schema_name then
  -- Without Vault there is none.
  return null;
end;
$$;

comment on function supaqueue_internal.on_signed_queue_deleted() is 'The signing secrets that a queue had of its own go with it.';

drop trigger if exists on_signed_queue_deleted on supaqueue.queue;
create trigger on_signed_queue_deleted
  after delete on supaqueue.queue
  for each row
  when (old.url is not null)
  execute function supaqueue_internal.on_signed_queue_deleted();
