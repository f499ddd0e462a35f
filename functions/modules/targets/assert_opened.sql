-- assert_opened: what a job has of its own does not travel with the credential of its queue,
-- unless the queue has opened it.
--
-- Who may enqueue may not do everything at a host that the queue's credential can. `opens` of
-- the queue lists methods with the beginning of a path, by whole segments, and names of headers:
-- 'GET /v1/items/', 'POST https://eu.example.com/v1', 'header x-priority'. A path without an
-- address is on the host of the queue's own url. The dispatcher looks again.
-- Error: SQ422 names the entry that is missing.

create or replace function supaqueue_internal.assert_opened(wanted supaqueue.job, home supaqueue.queue)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
set standard_conforming_strings = on
as $$
declare
  address constant text := coalesce(wanted.url, home.url);
  method constant text := upper(coalesce(wanted.method, home.method));
  host constant text := supaqueue_internal.host_of(address);
  path constant text := coalesce(nullif(substring(address from '^[^:]+://[^/?#\\]*([^?#]*)'), ''), '/');
  entry constant text := method || ' ' || case
    when host = supaqueue_internal.host_of(home.url) then path else regexp_replace(address, '[?#].*$', '') end;
  header text;
begin
  if num_nonnulls(wanted.url, wanted.method, wanted.query, wanted.headers) = 0
    or not supaqueue_internal.sends_credential(home)
  then
    return;
  end if;

  select key into header
  from jsonb_object_keys(coalesce(wanted.headers, '{}')) as key
  where 'header ' || lower(key) <> all (array(select lower(opened) from unnest(home.opens) as opened))
  limit 1;
  if header is not null then
    raise exception using
      errcode = 'SQ422',
      message = format('a job of queue %s cannot have the header %s of its own: the queue sends a credential', quote_literal(home.name), quote_literal(header)),
      hint = 'Nothing was changed. To allow it: ' || format('update supaqueue.queue set opens = opens || %L::text where id = %L;', 'header ' || lower(header), home.id);
  end if;

  if (wanted.url is null or wanted.url = home.url) and method = home.method and wanted.query is null then
    return;
  end if;
  -- What a server may read otherwise than we do is nobody's path: dots before a semicolon, what is encoded twice, too
  -- long, or as a character that is folded into a dot or a slash, and control characters, at which some end.
  if path ~* '(^|/)\.{1,2}(;|%3b|/|$)|%2e|%2f|%5c|\\|//|%25[0-9a-f]{2}|%c[01]|%[01][0-9a-f]|%7f|%ef%bc%(8e|8f|bc)|[．／＼]' or not exists (
    select
    from unnest(home.opens) as opened
    cross join lateral regexp_match(opened, '^(\S+)\s+(https?://[^/?#\s]+)?(/\S*)?$', 'i') as part
    where upper(part[1]) in (method, '*')
      and coalesce(supaqueue_internal.host_of(part[2]), supaqueue_internal.host_of(home.url)) = host
      and (part[2] !~* '^https:' or address ~* '^https:') is not false
      and (
        path = coalesce(part[3], '/')
        or starts_with(path, rtrim(coalesce(part[3], '/'), '/') || '/')
      )
  ) then
    raise exception using
      errcode = 'SQ422',
      message = format('a job of queue %s cannot do %s: the queue sends a credential, and has not opened it', quote_literal(home.name), entry),
      hint = 'Nothing was changed. To open that path and what is below: ' || format('update supaqueue.queue set opens = opens || %L::text where id = %L;', entry, home.id);
  end if;
end;
$$;

comment on function supaqueue_internal.assert_opened(supaqueue.job, supaqueue.queue) is 'Refuses what a job has of its own where its queue sends a credential and has not opened it.';
