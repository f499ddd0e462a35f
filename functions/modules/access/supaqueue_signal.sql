-- supaqueue_signal: an end user sends a job of their own what its function waits for.
--
-- called by  end users, by RPC, once supaqueue.allow has opened a queue to their role
-- writes     supaqueue.signal, and what enter_door writes
--
-- Only signals whose names the door lists in may_signal, with a payload of at most its
-- max_bytes, and by their job alone, never by a key: whoever knows the number of an order
-- is not its buyer. Who sends it stands in no field of the signal; the function knows whose
-- the job is.
--
-- Returns null, as JSON. Counts as a job of per_minute and per_address: the use is charged once
-- the job is known to be theirs, and stays charged whatever the call is refused for, as in
-- supaqueue_enqueue: inside of a request that refusal is returned (answer_refusal).
-- Errors: SQ403 where the door does not list the name, SQ404 when the job is not theirs, or is
-- not, SQ409 when it has ended, SQ413, SQ422, SQ429.
--
-- Security definer: they have no right on any table.

create or replace function public.supaqueue_signal(
  job bigint, name text, payload jsonb default null, idempotency_key text default null
)
returns json
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  own record;
  entered record;
  bytes text;
  refused json;
  code text;
  message text;
  detail text;
  hint text;
begin
  own := supaqueue_internal.own_job(supaqueue_signal.job);
  entered := supaqueue_internal.enter_door(own.queue_name);
  begin
    if own.may_signal is not null and not coalesce(supaqueue_signal.name = any (own.may_signal), false) then
      raise exception using
        errcode = 'SQ403',
        message = format(
          'you may not send the signal %s to jobs of the queue %s',
          coalesce(quote_literal(left(supaqueue_signal.name, 200)), 'null'), quote_literal(own.queue_name)
        ),
        hint = 'Nothing was changed. The owner of the queue can allow it: may_signal => ''{approval}''.';
    end if;
    bytes := supaqueue_internal.oversize(supaqueue_signal.payload, own.max_bytes);
    if bytes is not null and supaqueue_internal.json_fault(supaqueue_signal.payload) is null then
      raise exception using
        errcode = 'SQ413',
        message = format('the payload has %s bytes, and at most %s are accepted here', bytes, own.max_bytes),
        hint = 'Nothing was changed. Put large data into Storage, and only its location into the payload.';
    end if;
    perform supaqueue.signal(
      (own.owned).id, supaqueue_signal.name, supaqueue_signal.payload, idempotency_key => supaqueue_signal.idempotency_key
    );
    return null;
  exception when query_canceled or assert_failure or others then
    if (entered.door).queue is null then
      raise;
    end if;
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

comment on function public.supaqueue_signal(bigint, text, jsonb, text) is 'Sends a job of the calling user what it waits for, in a queue that supaqueue.allow has opened.';
revoke execute on function public.supaqueue_signal(bigint, text, jsonb, text) from public, anon, authenticated;
grant execute on function public.supaqueue_signal(bigint, text, jsonb, text) to service_role;
-- Those who had it before keep it: functions are made anew at every install.
select supaqueue_internal.keep_doors();
