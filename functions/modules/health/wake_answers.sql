-- wake_answers: what became of the wake-ups whose answers the sweep has not seen yet.
--
-- reads      supaqueue.wake_up; net._http_response by its index of times, five minutes back at most
--
-- One row per wake-up that was answered, or that pg_net gave up. `status` is null when there was no
-- answer; `code` begins with SQ when the dispatcher itself spoke. Nothing without pg_net, or for a role that
-- may not look at its answers. pg_net counts requests from 1 again after a crash of the server: an
-- answer from before its wake-up was posted belongs to another.

create or replace function supaqueue_internal.wake_answers(
  out request bigint, out queue uuid, out at timestamptz, out status integer, out code text, out message text, out hint text
)
returns setof record
language plpgsql
stable
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
set jit = off
as $$
declare
  since constant timestamptz := greatest(
    (select min(wake_up.posted_at) from supaqueue.wake_up), clock_timestamp() - interval '5 minutes'
  );
begin
  if since is null or not coalesce(has_schema_privilege(to_regnamespace('net'), 'usage'), false) then
    return;
  end if;
  if not coalesce(has_table_privilege(to_regclass('net._http_response'), 'select'), false) then
    return;
  end if;
  return query
  select
    wake_up.request, wake_up.queue, answer.created, answer.status_code,
    left(coalesce(parsed.body ->> 'code', ''), 100),
    left(coalesce(parsed.body ->> 'message', parsed.body ->> 'msg', answer.error_msg, case when answer.timed_out then 'no answer in time' end, ''), 500),
    left(coalesce(parsed.body ->> 'hint', ''), 500)
  from net._http_response as answer
  join supaqueue.wake_up on wake_up.request = answer.id
  cross join lateral (select supaqueue_internal.read_object(answer.content) as body) as parsed
  -- The transaction that writes an answer may have begun before the request was posted, by one batch.
  where answer.created >= since - interval '1 minute'
    and answer.created >= wake_up.posted_at - interval '1 minute';
end;
$$;

comment on function supaqueue_internal.wake_answers() is 'What became of the wake-ups whose answers the sweep has not seen yet.';
