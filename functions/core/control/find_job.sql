-- find_job: the job with an id, locked until the end of the transaction.
--
-- called by  the controls of one job
-- locks      the job; first of all, as everywhere
--
-- Errors: SQ404.

create or replace function supaqueue_internal.find_job(job bigint)
returns supaqueue.job
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  target supaqueue.job;
begin
  select * into target from supaqueue.job where job.id = find_job.job for no key update;
  if target.id is null then
    raise exception using
      errcode = 'SQ404',
      message = format('there is no job %s', coalesce(find_job.job::text, 'null')),
      hint = 'Nothing was changed. Jobs that ended are pruned after a while; keep_success and keep_failed of their queue say when.';
  end if;
  return target;
end;
$$;

comment on function supaqueue_internal.find_job(bigint) is 'The job with an id, locked.';
