-- control_job: cancel, retry or run a job now, for the HTTP API.
--
-- writes     supaqueue.job, by the control of that name
--
-- Returns {id, status}, as they are then. Errors: those of the control; SQ422 no such one.

create or replace function supaqueue_internal.control_job(job bigint, act text)
returns jsonb
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  if control_job.act = 'cancel' then
    perform supaqueue.cancel(control_job.job);
  elsif control_job.act = 'retry' then
    perform supaqueue.retry(control_job.job);
  elsif control_job.act = 'run_now' then
    perform supaqueue.run_now(control_job.job);
  else
    raise exception using
      errcode = 'SQ422',
      message = format('there is no control %s', coalesce(quote_literal(control_job.act), 'null')),
      hint = 'Nothing was changed. There are cancel, retry and run_now.';
  end if;
  return (select jsonb_build_object('id', job.id, 'status', job.status) from supaqueue.job where job.id = control_job.job);
end;
$$;

comment on function supaqueue_internal.control_job(bigint, text) is 'Cancels, retries or runs a job now. Returns its id and status.';
