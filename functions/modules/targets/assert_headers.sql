-- assert_headers: headers that cannot be sent are refused while somebody is there to
-- read why.
--
-- `field` is the column they stand in. Raises SQ422. What is no object is for the
-- table's own constraint, or the caller, to refuse.

create or replace function supaqueue_internal.assert_headers(headers jsonb, field text)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
set standard_conforming_strings = on
as $$
declare
  wrong text := supaqueue_internal.oversize(assert_headers.headers, 8192);
begin
  if wrong is not null then
    raise exception using
      errcode = 'SQ422',
      message = format('%s has at most 8192 bytes, not %s', assert_headers.field, wrong),
      hint = 'Send what is long in the payload, or read it in the function.';
  end if;
  if jsonb_typeof(assert_headers.headers) <> 'object' then
    return;
  end if;

  -- Whoever receives it could speak as this project, or as another queue of it.
  select header.value #>> '{}' into wrong
  from jsonb_each(assert_headers.headers) as header
  where header.value #>> '{}' ~* '^\s*vault:\s*supaqueue'
  limit 1;
  if found then
    raise exception using
      errcode = 'SQ422',
      message = format('%s cannot have %s: the secrets of supaqueue itself are never sent', assert_headers.field, quote_literal(wrong)),
      hint = 'Put a secret of your own into Vault, under a name that does not begin with supaqueue, and name that. Nothing was changed.';
  end if;

  select header.key into wrong
  from jsonb_each(assert_headers.headers) as header
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
      message = format('the header "%s" in %s cannot be sent', wrong, assert_headers.field),
      hint = 'It is an object of text values, like {"x-team": "mail"}. Host, Content-Length and headers that belong to the connection are set by the dispatcher.';
  end if;
end;
$$;

comment on function supaqueue_internal.assert_headers(jsonb, text) is 'Raises when headers cannot be sent.';
