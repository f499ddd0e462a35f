-- park_report: what became of a job cannot be written down; it is kept, and the job gives
-- its worker back.
--
-- writes     supaqueue.current_job, supaqueue.trouble
--
-- The job stays in progress, as nobody else may begin it; retry_troubles writes its report
-- down once that can be done. Returns the worker, which is still marked locked.

create or replace function supaqueue_internal.park_report(report jsonb, code text, reason text)
returns uuid
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  parked supaqueue.current_job;
  internal_write text := current_setting('supaqueue.internal_write', true);
begin
  perform set_config('supaqueue.internal_write', pg_trigger_depth()::text, true);
  delete from supaqueue.current_job
  where current_job.id = (park_report.report ->> 'token')::uuid
  returning * into parked;
  perform set_config('supaqueue.internal_write', coalesce(internal_write, ''), true);
  if supaqueue_internal.put_aside(
    'report', parked.job::text, park_report.code, park_report.reason, parked.queue, parked.job,
    (park_report.report - 'token' - 'queue') || jsonb_build_object('begun_at', parked.begun_at, 'dispatcher', parked.dispatcher)
  ) is null then
    -- Not to be lost: it stays with its current job, and is brought again.
    raise exception using
      errcode = 'SQ503',
      message = format('the report of job %s could not be kept', parked.job),
      hint = 'Is there a trigger of yours on supaqueue.trouble?';
  end if;
  return parked.worker;
end;
$$;

comment on function supaqueue_internal.park_report(jsonb, text, text) is 'Keeps a report that cannot be written down, and takes the worker from its job.';
