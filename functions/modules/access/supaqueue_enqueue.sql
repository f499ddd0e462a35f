-- supaqueue_enqueue: an end user puts one job into a queue, and gets its id.
--
-- called by  end users, by RPC, once supaqueue.allow has opened a queue to their role
-- writes     what enqueue_at_door writes
--
-- Security definer: they have no right on any table, and enqueue_at_door says which
-- queues they reach. keep_doors says which roles may run it: at first none.

create or replace function public.supaqueue_enqueue(
  queue text,
  payload jsonb default '{}',
  dedupe_key text default null,
  run_at timestamptz default null
)
returns bigint
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  code text;
  message text;
  detail text;
  hint text;
begin
  return supaqueue_internal.enqueue_at_door(
    supaqueue_enqueue.queue, supaqueue_enqueue.payload, supaqueue_enqueue.dedupe_key, supaqueue_enqueue.run_at
  );
exception when others then
  get stacked diagnostics
    code = returned_sqlstate, message = message_text, detail = pg_exception_detail, hint = pg_exception_hint;
  perform supaqueue_internal.answer_error(code, message, detail, hint);
  raise;
end;
$$;

comment on function public.supaqueue_enqueue(text, jsonb, text, timestamptz) is 'Puts one job into a queue that supaqueue.allow has opened, and returns its id.';
revoke execute on function public.supaqueue_enqueue(text, jsonb, text, timestamptz) from public, anon, authenticated;
grant execute on function public.supaqueue_enqueue(text, jsonb, text, timestamptz) to service_role;
-- Those who had it before keep it: functions are made anew at every install.
select supaqueue_internal.keep_doors();
