-- hook_cause: the job whose function writes just now, if it says so.
--
-- called by  hook_origin
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
  token text := nullif(current_setting('supaqueue.cause', true), '');
  headers constant text := current_setting('request.headers', true);
  cause supaqueue.job;
begin
  if token is null and strpos(headers, 'supaqueue-current-job') > 0 then
    begin
      token := headers::jsonb ->> 'supaqueue-current-job';
    exception when others then
      null;
    end;
  end if;
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
