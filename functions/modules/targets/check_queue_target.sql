-- check_queue_target: headers that cannot be sent, entries of `opens` that cannot be read, and secrets
-- that are not a queue's to sign with are refused while somebody is there to read why.
--
-- In a PostgreSQL of its own, which has no Vault, calls to URLs are signed with nothing unless secrets are named; the row
-- says so.
--
-- Security definer: whoever may create a queue may run no other function.

create or replace function supaqueue_internal.check_queue_target()
returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
set standard_conforming_strings = on
as $$
begin
  if tg_op = 'INSERT' or new.default_headers <> old.default_headers then
    perform supaqueue_internal.assert_headers(new.default_headers, 'default_headers');
  end if;

  if new.opens <> '{}' and exists (
    select from unnest(new.opens) as entry
    where coalesce(entry !~* '^((\*|GET|POST|PUT|PATCH|DELETE)\s+(https?://[^/?#\s@]+)?(/[^?#\s]*)?|header [!#$%&''*+.^_`|~0-9A-Za-z-]+)$', true)
  ) then
    raise exception using
      errcode = 'SQ422',
      message = 'opens has an entry that cannot be read',
      hint = 'Entries look like this: "GET /v1/items/", "POST https://eu.example.com/v1", "header x-priority". Nothing was changed.';
  end if;

  if new.url is not null and new.signing_secrets is null and to_regclass('vault.secrets') is null
    and exists (select from supaqueue.setting where setting.name = 'stand_alone')
  then
    new.signing_secrets := '{}';
  end if;

  if tg_op = 'INSERT' or new.signing_secrets is distinct from old.signing_secrets then
    perform supaqueue_internal.assert_signing_secrets(new);
  end if;
  return new;
end;
$$;

comment on function supaqueue_internal.check_queue_target() is 'Refuses headers that cannot be sent, and secrets that are not a queue''s to sign with.';

drop trigger if exists on_queue_target_written on supaqueue.queue;
create trigger on_queue_target_written
  before insert or update of default_headers, opens, signing_secrets, url on supaqueue.queue
  for each row
  execute function supaqueue_internal.check_queue_target();
