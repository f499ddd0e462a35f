-- supaqueue_enqueue: an end user puts one job into a queue, and gets its id.
--
-- called by  end users, by RPC, once supaqueue.allow has opened a queue to their role
-- writes     what enter_door and enqueue_at_door write
--
-- Returns the id as JSON, null for anon. A use of the door is charged first, and stays
-- charged whatever the call is refused for: inside of a request the refusal is returned, as
-- PostgREST would have answered it, with its status (answer_refusal). It is raised where
-- nothing was charged, and outside of a request. A call that runs into its
-- statement_timeout is refused like any other.
--
-- service_role is held to what the queue says alone.
--
-- Security definer: they have no right on any table, and enter_door says which
-- queues they reach. keep_doors says which roles may run it: at first none.

create or replace function public.supaqueue_enqueue(
  queue text,
  payload jsonb default '{}',
  dedupe_key text default null,
  run_at timestamptz default null
)
returns json
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  entered record;
  refused json;
  code text;
  message text;
  detail text;
  hint text;
begin
  entered := supaqueue_internal.enter_door(supaqueue_enqueue.queue);
  if (entered.door).queue is null then
    return to_json(supaqueue.enqueue(
      supaqueue_enqueue.queue, supaqueue_enqueue.payload,
      dedupe_key => supaqueue_enqueue.dedupe_key, run_at => supaqueue_enqueue.run_at, on_conflict => 'skip'
    ));
  end if;

  begin
    return to_json(supaqueue_internal.enqueue_at_door(
      entered.door, entered.user_id, supaqueue_enqueue.payload, supaqueue_enqueue.dedupe_key, supaqueue_enqueue.run_at
    ));
  exception when query_canceled or assert_failure or others then
    get stacked diagnostics
      code = returned_sqlstate, message = message_text, detail = pg_exception_detail, hint = pg_exception_hint;
    refused := supaqueue_internal.answer_refusal(code, message, detail, hint);
    if refused is null then
      raise;
    end if;
    return refused;
  end;
exception when assert_failure or others then
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
