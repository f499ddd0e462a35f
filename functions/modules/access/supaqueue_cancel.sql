-- supaqueue_cancel: an end user cancels a job of their own that waits.
--
-- called by  end users, by RPC, once supaqueue.allow has opened a queue to their role
-- writes     supaqueue.job
--
-- Returns whether it was cancelled: false when it has begun or ended. Errors: SQ403
-- where the door does not say may_cancel, SQ404 when it is not theirs, or is not.
--
-- Security definer: they have no right on any table.

create or replace function public.supaqueue_cancel(job bigint)
returns boolean
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  own record;
  code text;
  message text;
  detail text;
  hint text;
begin
  own := supaqueue_internal.own_job(supaqueue_cancel.job);
  if not own.may_cancel then
    raise exception using
      errcode = 'SQ403',
      message = format('you may not cancel jobs of the queue %s', quote_literal(own.queue_name)),
      hint = 'Nothing was changed. The owner of the queue can allow it: may_cancel => true.';
  end if;
  update supaqueue.job set status = 'cancelled'
  where job.id = (own.owned).id
    and job.status in ('held', 'pending');
  return found;
exception when assert_failure or others then
  get stacked diagnostics
    code = returned_sqlstate, message = message_text, detail = pg_exception_detail, hint = pg_exception_hint;
  perform supaqueue_internal.answer_error(code, message, detail, hint);
  raise;
end;
$$;

comment on function public.supaqueue_cancel(bigint) is 'Cancels a job of the calling user that waits, in a queue that supaqueue.allow has opened.';
revoke execute on function public.supaqueue_cancel(bigint) from public, anon, authenticated;
grant execute on function public.supaqueue_cancel(bigint) to service_role;
-- Those who had it before keep it: functions are made anew at every install.
select supaqueue_internal.keep_doors();
