-- on_queue_written: a queue without a name gets its function's; a name and headers that
-- cannot be sent are refused while somebody is there to read why.

create or replace function supaqueue.on_queue_written()
returns trigger
language plpgsql
set search_path = ''
as $$
declare
  wrong text;
begin
  if new.name = '' then
    new.name := new.edge_function_name;
  end if;

  -- It goes along as a header, where a letter may take twelve characters. Servers take about 16 kB of headers.
  if (tg_op = 'INSERT' or new.name <> old.name) and length(new.name) > 200 then
    raise exception using
      errcode = 'SQ422',
      message = format('the name of a queue has at most 200 characters, not %s', length(new.name)),
      hint = 'Give it a shorter one. What the function is to know can go into default_headers or the payload.';
  end if;

  if (tg_op = 'INSERT' or new.default_headers <> old.default_headers) and octet_length(new.default_headers::text) > 8192 then
    raise exception using
      errcode = 'SQ422',
      message = format('the default headers have at most 8192 bytes, not %s', octet_length(new.default_headers::text)),
      hint = 'Send what is long in the payload, or read it in the function.';
  end if;

  if jsonb_typeof(new.default_headers) = 'object' then
    select header.key into wrong
    from jsonb_each(new.default_headers) as header
    where header.key !~ '^[!#$%&''*+.^_`|~0-9A-Za-z-]+$'
      or jsonb_typeof(header.value) <> 'string'
      or header.value #>> '{}' ~ '[^\t\x20-\x7e\x80-\xff]'
      or lower(header.key) in (
        'connection', 'content-length', 'expect', 'host', 'keep-alive', 'proxy-authenticate', 'proxy-authorization',
        'proxy-connection', 'te', 'trailer', 'transfer-encoding', 'upgrade'
      )
    limit 1;
    if found then
      raise exception using
        errcode = 'SQ422',
        message = format('the default header "%s" cannot be sent', wrong),
        hint = 'default_headers is an object of text values, like {"x-team": "mail"}. Host, Content-Length and headers that belong to the connection are set by the dispatcher.';
    end if;
  end if;

  return new;
end;
$$;

comment on function supaqueue.on_queue_written() is 'A queue without a name gets that of its function; headers that cannot be sent are refused.';
revoke execute on function supaqueue.on_queue_written() from public, anon, authenticated;

drop trigger if exists on_queue_written on supaqueue.queue;
create trigger on_queue_written
  before insert or update on supaqueue.queue
  for each row
  execute function supaqueue.on_queue_written();
