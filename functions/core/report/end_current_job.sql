-- end_current_job: finish a current job by hand, or from a function that
-- answered "I will report later".
--
-- called by  users, with the service key
-- writes     supaqueue.current_job, whose trigger reports the outcome
--
-- Errors: SQ404 when there is no such current job (any more), SQ422 when the
-- outcome is missing, SQ409 when somebody else holds the job's row.

create or replace function public.end_current_job(cur_job_id uuid, _is_complete boolean, _is_successful boolean)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  if end_current_job._is_complete is not true or end_current_job._is_successful is null then
    raise exception using
      errcode = 'SQ422',
      message = 'a current job ends as a success or as a failure',
      hint = 'Call end_current_job(<id>, true, true) for a success, end_current_job(<id>, true, false) for a failure. Nothing was changed.';
  end if;

  perform supaqueue_internal.lock_call(end_current_job.cur_job_id);
  update supaqueue.current_job
  set is_complete = true, is_successful = end_current_job._is_successful
  where current_job.id = end_current_job.cur_job_id;

  if not found then
    perform supaqueue_internal.refuse_token(end_current_job.cur_job_id);
  end if;
end;
$$;

comment on function public.end_current_job(uuid, boolean, boolean) is 'Finishes a current job of supaqueue as a success or a failure.';
revoke execute on function public.end_current_job(uuid, boolean, boolean) from public, anon, authenticated;
grant execute on function public.end_current_job(uuid, boolean, boolean) to service_role;
