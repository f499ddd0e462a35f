-- assert_overrides: what a job has of its own, in place of its queue's, must be usable.
--
-- In place of the core's default.
-- Called by triggers and no constraints: those would be read anew for every statement that
-- writes a job, and most jobs have nothing of their own.
-- A header `vault:<name>` is refused: whoever may enqueue may not read the project's
-- secrets. In default_headers of the queue it is welcome.
--
-- Errors: SQ422 says which and why.

create or replace function supaqueue_internal.assert_overrides(wanted supaqueue.job)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
set standard_conforming_strings = on
as $$
declare
  home supaqueue.queue;
  host constant text := supaqueue_internal.host_of(wanted.url);
  wrong text := case
    when wanted.url !~* '^https?://[^/?#@\s]+([/?#]\S*)?$' then 'url is not an http address, or has a password in it'
    when wanted.method not in ('GET', 'POST', 'PUT', 'PATCH', 'DELETE') then 'method is GET, POST, PUT, PATCH or DELETE'
    when wanted.timeout_ms not between 1 and 400000 then 'timeout_ms is 1 to 400000: no plan lets a function live longer'
    when wanted.max_attempts < 1 then 'max_attempts is at least 1'
    when wanted.retry_base_ms < 0 or wanted.retry_max_ms < 0 then 'retry_base_ms and retry_max_ms are not negative'
    when jsonb_typeof(wanted.headers) <> 'object' then 'headers is an object of text values'
    when jsonb_typeof(wanted.query) <> 'object' or supaqueue_internal.oversize(wanted.query, 8192) is not null
      then 'query is an object, of at most 8192 bytes'
    when jsonb_path_exists(wanted.headers, '$.* ? (@ starts with "vault:")')
      then 'headers of a job cannot name secrets; default_headers of its queue can'
  end;
begin
  if wrong is not null then
    raise exception using
      errcode = 'SQ422',
      message = wrong,
      hint = 'Left null, it is as the queue has it. Nothing was changed.';
  end if;
  if wanted.headers is not null then
    perform supaqueue_internal.assert_headers(wanted.headers, 'headers');
  end if;
  -- The dispatcher looks again: the queue may change.
  select * into home from supaqueue.queue where queue.id = wanted.queue;
  if wanted.url is not null and not coalesce(
    home.url is not null
    -- With the port: another one is another service. The usual one may be written or not.
    and array[host, case when host !~ ':[0-9]+$' then host || case when wanted.url ~* '^https:' then ':443' else ':80' end end]
      && (supaqueue_internal.host_of(home.url) || array(select lower(entry) from unnest(home.allowed_hosts) as entry))
    -- What the queue's headers hold was meant for an encrypted connection.
    and (wanted.url ~* '^https:' or home.url ~* '^http:'),
    false
  ) then
    raise exception using
      errcode = 'SQ422',
      message = 'the url of a job must have the host of its queue''s url, or one of its allowed_hosts, and https where that has it',
      hint = 'Nothing was changed. ' || case
        when home.url is null then 'Its queue calls a function, and no job of it leads elsewhere: use a queue with a url.'
        else format('To allow it: update supaqueue.queue set allowed_hosts = allowed_hosts || %L::text where id = %L;', host, home.id) end;
  end if;
  perform supaqueue_internal.assert_opened(wanted, home);
end;
$$;

comment on function supaqueue_internal.assert_overrides(supaqueue.job) is 'Refuses what a job cannot have of its own.';
