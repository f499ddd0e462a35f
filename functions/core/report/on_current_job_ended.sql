-- on_current_job_ended: a current job that was marked complete is reported and goes.

create or replace function supaqueue_internal.on_current_job_ended()
returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  outcome record;
begin
  select * into outcome
  from supaqueue_internal.report(jsonb_build_array(jsonb_build_object(
    'token', new.id,
    'outcome', case when new.is_successful then 'success' else 'failed' end,
    'error', case when not new.is_successful then 'ended as a failure by end_current_job' end
  )));

  if cardinality(outcome.again) > 0 then
    raise exception using
      errcode = 'SQ409',
      message = format('the job of current job %s is held by another transaction', new.id),
      hint = 'Nothing was changed. Try again once that transaction has ended.';
  end if;

  update supaqueue.worker set locked = false where worker.id = any (outcome.freed);
  return null;
end;
$$;

comment on function supaqueue_internal.on_current_job_ended() is 'A current job that was marked complete is reported and goes.';

drop trigger if exists on_current_job_ended on supaqueue.current_job;
create trigger on_current_job_ended
  after update of is_complete on supaqueue.current_job
  for each row
  when (new.is_complete)
  execute function supaqueue_internal.on_current_job_ended();
