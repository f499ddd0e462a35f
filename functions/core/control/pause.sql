-- pause: no job of a queue is begun, until a time or until it is resumed.
--
-- called by  users
-- writes     supaqueue.queue
--
-- Jobs in progress end as ever, and jobs can be enqueued. `until` is kept by the
-- sweep: a pause ends one sweep later at most. To pause again replaces until when and why.
-- Errors: SQ404, SQ422.

create or replace function supaqueue.pause(queue text, until timestamptz default null, reason text default null)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  target constant supaqueue.queue := supaqueue_internal.find_queue(pause.queue);
begin
  if pause.until <= clock_timestamp() or pause.until >= '9999-12-31 23:59:59+00' then
    raise exception using
      errcode = 'SQ422',
      message = format('a pause cannot end at %s', pause.until),
      hint = 'Nothing was changed. Give a time to come, before the year 10000, or none: then it ends by supaqueue.resume(queue).';
  end if;
  update supaqueue.queue
  set paused = true, paused_until = pause.until, paused_reason = pause.reason
  where queue.id = target.id;
end;
$$;

comment on function supaqueue.pause(text, timestamptz, text) is 'Pauses a queue: no job starts until it is resumed.';
