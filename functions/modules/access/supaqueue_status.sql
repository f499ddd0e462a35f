-- supaqueue_status: an end user asks how a job of their own fares.
--
-- called by  end users, by RPC, once supaqueue.allow has opened a queue to their role
-- reads      what own_job reads
--
-- `result` only where the door says show_result. What a job died of is not told: it may
-- say what users are not to know. Somebody else's job and one that does not exist are
-- the same: SQ404.
--
-- Security definer: they have no right on any table.

create or replace function public.supaqueue_status(
  job bigint,
  out id bigint,
  out queue text,
  out status text,
  out attempts integer,
  out progress_percent numeric,
  out progress_note text,
  out created_at timestamptz,
  out run_at timestamptz,
  out finished_at timestamptz,
  out result jsonb
)
language plpgsql
stable
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
  own := supaqueue_internal.own_job(supaqueue_status.job);
  supaqueue_status.id := (own.owned).id;
  supaqueue_status.queue := own.queue_name;
  supaqueue_status.status := (own.owned).status;
  supaqueue_status.attempts := (own.owned).attempts;
  supaqueue_status.progress_percent := (own.owned).progress_percent;
  supaqueue_status.progress_note := (own.owned).progress_note;
  supaqueue_status.created_at := (own.owned).created_at;
  supaqueue_status.run_at := (own.owned).run_at;
  supaqueue_status.finished_at := (own.owned).finished_at;
  supaqueue_status.result := case when own.show_result then supaqueue_internal.shown((own.owned).result) end;
exception when assert_failure or others then
  get stacked diagnostics
    code = returned_sqlstate, message = message_text, detail = pg_exception_detail, hint = pg_exception_hint;
  perform supaqueue_internal.answer_error(code, message, detail, hint);
  raise;
end;
$$;

comment on function public.supaqueue_status(bigint) is 'How a job of the calling user is doing, in a queue that supaqueue.allow has opened.';
revoke execute on function public.supaqueue_status(bigint) from public, anon, authenticated;
grant execute on function public.supaqueue_status(bigint) to service_role;
-- Those who had it before keep it: functions are made anew at every install.
select supaqueue_internal.keep_doors();
