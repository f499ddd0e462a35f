-- on_job_overridden: what a job has of its own, in place of its queue's, must be usable.
--
-- A trigger and no constraints: those would be read anew for every statement that
-- writes a job, and most jobs have nothing of their own.
-- A header `vault:<name>` is refused: whoever may enqueue may not read the project's
-- secrets. In default_headers of the queue it is welcome.
-- Security definer: whoever may enqueue may not read the queue.

create or replace function supaqueue.on_job_overridden()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
declare
  host constant text := '(?i)^https?://(\[[^\]]*\]|[^/?#:]+)';
  host_and_port constant text := '(?i)^https?://([^/?#]+)';
  wrong text := case
    when new.url !~* '^https?://[^/?#@\s]+([/?#]\S*)?$' then 'url is no http address, or has a password in it'
    when new.method not in ('GET', 'POST', 'PUT', 'PATCH', 'DELETE') then 'method is GET, POST, PUT, PATCH or DELETE'
    when new.timeout_ms not between 1 and 400000 then 'timeout_ms is 1 to 400000: no plan lets a function live longer'
    when new.max_attempts < 1 then 'max_attempts is at least 1'
    when new.retry_base_ms < 0 or new.retry_max_ms < 0 then 'retry_base_ms and retry_max_ms are not negative'
    when jsonb_typeof(new.headers) <> 'object' then 'headers is an object of text values'
    when jsonb_typeof(new.query) <> 'object' or octet_length(new.query::text) > 8192
      then 'query is an object, of at most 8192 bytes'
    when jsonb_path_exists(new.headers, '$.* ? (@ starts with "vault:")')
      then 'headers of a job cannot name secrets; default_headers of its queue can'
  end;
begin
  if wrong is not null then
    raise exception using
      errcode = 'SQ422',
      message = wrong,
      hint = 'Left null, it is as the queue has it. Nothing was changed.';
  end if;
  if new.headers is not null then
    perform supaqueue.assert_headers(new.headers, 'headers');
  end if;
  -- The dispatcher looks again: the queue may change.
  if new.url is not null and not exists (
    select from supaqueue.queue
    where queue.id = new.queue
      and array[lower(substring(new.url from host)), lower(substring(new.url from host_and_port))]
        && (lower(substring(queue.url from host)) || queue.allowed_hosts)
      and queue.url is not null
      -- What the queue's headers hold was meant for an encrypted connection.
      and (new.url ~* '^https:' or queue.url ~* '^http:')
  ) then
    raise exception using
      errcode = 'SQ422',
      message = 'the url of a job must have the host of its queue''s url, or one of its allowed_hosts, and https where that has it',
      hint = 'update supaqueue.queue set allowed_hosts = allowed_hosts || ''<host>'' where id = ...';
  end if;
  return new;
end;
$$;

comment on function supaqueue.on_job_overridden() is 'Refuses what a job cannot have of its own.';
revoke execute on function supaqueue.on_job_overridden() from public, anon, authenticated;

drop trigger if exists on_job_inserted_overridden on supaqueue.job;
create trigger on_job_inserted_overridden
  before insert on supaqueue.job
  for each row
  when (
    num_nonnulls(
      new.url, new.method, new.headers, new.query, new.timeout_ms, new.max_attempts, new.retry_base_ms, new.retry_max_ms
    ) > 0
  )
  execute function supaqueue.on_job_overridden();

drop trigger if exists on_job_overridden on supaqueue.job;
create trigger on_job_overridden
  before update of url, method, headers, query, timeout_ms, max_attempts, retry_base_ms, retry_max_ms on supaqueue.job
  for each row
  execute function supaqueue.on_job_overridden();
