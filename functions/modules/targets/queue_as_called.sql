-- queue_as_called: a queue that calls a URL, as the dispatcher is to know it for calls of these current jobs.
--
-- reads      supaqueue.current_job, supaqueue.job, where many hosts are allowed
--
-- In place of the core's default: with the names of the secrets that sign, and of more than a hundred hosts only those of
-- these jobs. A task type may call ten thousand.

create or replace function supaqueue_internal.queue_as_called(queue supaqueue.queue, tokens uuid[])
returns supaqueue.queue
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  called supaqueue.queue := queue_as_called.queue;
begin
  called.signing_secrets := supaqueue_internal.signing_secrets_of(called);
  if cardinality(called.allowed_hosts) > 100 then
    called.allowed_hosts := array(
      select entry
      from unnest(called.allowed_hosts) as entry
      where regexp_replace(lower(entry), ':(80|443)$', '') in (
        select regexp_replace(supaqueue_internal.host_of(job.url), ':(80|443)$', '')
        from supaqueue.current_job
        join supaqueue.job on job.id = current_job.job
        where current_job.id = any (queue_as_called.tokens) and job.url is not null
      )
    );
  end if;
  return called;
end;
$$;

comment on function supaqueue_internal.queue_as_called(supaqueue.queue, uuid[]) is 'A queue that calls a URL, as the dispatcher is to know it for calls of these current jobs.';
