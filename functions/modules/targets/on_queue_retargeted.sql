-- on_queue_retargeted: a queue calls a URL from now on, or is signed by a secret of its own:
-- that is made, unless there is one.
--
-- Security definer: whoever may write a queue may not write Vault.

create or replace function supaqueue_internal.on_queue_retargeted()
returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  perform supaqueue_internal.make_webhook_secret((supaqueue_internal.signing_secrets_of(new))[1]);
  return null;
end;
$$;

comment on function supaqueue_internal.on_queue_retargeted() is 'A queue calls a URL from now on: makes the secret that such calls are signed with.';

drop trigger if exists on_queue_retargeted on supaqueue.queue;
create trigger on_queue_retargeted
  after update of url, signing_secrets on supaqueue.queue
  for each row
  when (
    new.url is not null and new.signing_secrets is null
    and (old.url is null or old.signing_secrets is not null)
  )
  execute function supaqueue_internal.on_queue_retargeted();

drop trigger if exists on_queue_targeted on supaqueue.queue;
create trigger on_queue_targeted
  after insert on supaqueue.queue
  for each row
  when (new.url is not null and new.signing_secrets is null)
  execute function supaqueue_internal.on_queue_retargeted();
