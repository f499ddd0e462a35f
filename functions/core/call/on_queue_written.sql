-- on_queue_written: a queue without a name gets its function's, or its URL's host; a name
-- and headers that cannot be sent are refused while somebody is there to read why. What
-- was said about a pause goes when it ends: the next one may be without an end.
--
-- Security definer: whoever may create a queue may run no other function.

create or replace function supaqueue_internal.on_queue_written()
returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
set standard_conforming_strings = on
as $$
begin
  if new.name = '' then
    new.name := coalesce(new.edge_function_name, lower(substring(new.url from '(?i)^https?://([^/?#]+)')), '');
  end if;

  -- It goes along as a header, where a letter may take twelve characters. Servers take about 16 kB of headers.
  if (tg_op = 'INSERT' or new.name <> old.name) and length(new.name) > 200 then
    raise exception using
      errcode = 'SQ422',
      message = format('the name of a queue has at most 200 characters, not %s', length(new.name)),
      hint = 'Give it a shorter one. What the function is to know can go into default_headers or the payload.';
  end if;

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

  if tg_op = 'INSERT' or new.signing_secrets is distinct from old.signing_secrets then
    perform supaqueue_internal.assert_signing_secrets(new);
  end if;

  if tg_op = 'UPDATE' and old.paused and not new.paused then
    new.paused_until := null;
    new.paused_reason := null;
  end if;

  return new;
end;
$$;

comment on function supaqueue_internal.on_queue_written() is 'A queue without a name gets that of its function or host; headers that cannot be sent are refused.';
revoke execute on function supaqueue_internal.on_queue_written() from public, anon, authenticated;

drop trigger if exists on_queue_written on supaqueue.queue;
create trigger on_queue_written
  before insert or update on supaqueue.queue
  for each row
  execute function supaqueue_internal.on_queue_written();
