-- hook_cause: the job whose function writes just now, if it says so.
--
-- reads      supaqueue.current_job, supaqueue.job
--
-- It says so by the token of its call: over the Data API in the header supaqueue-current-job, over a connection in the setting
-- supaqueue.cause. The token is looked up, so nobody can name a job that is not theirs; one that is not valid, any more or
-- at all, names none. No write fails for it.

create or replace function supaqueue_internal.hook_cause()
returns supaqueue.job
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
  token constant text := coalesce(
    nullif(current_setting('supaqueue.cause', true), ''),
    -- Not read as JSON, which could raise. Within a value quotes are escaped, so only a name stands between two that are not.
    substring(current_setting('request.headers', true) from '"supaqueue-current-job" ?: ?"([^"]*)"')
  );
  cause supaqueue.job;
begin
  if token ~ '^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$' then
    select job.* into cause
    from supaqueue.current_job
    join supaqueue.job on job.id = current_job.job
    where current_job.id = token::uuid;
  end if;
  return cause;
end;
$$;

comment on function supaqueue_internal.hook_cause() is 'The job whose function writes just now, if it says so by its token.';
