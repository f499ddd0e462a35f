-- pause_queue: a queue is paused or resumed, for the HTTP API.
--
-- writes     supaqueue.queue, by pause and resume
--
-- `pause` is {until, reason}, both optional; null resumes. Returns what show_queue does.
-- Errors: those of pause and resume.

create or replace function supaqueue_internal.pause_queue(queue text, pause jsonb)
returns jsonb
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  if pause_queue.pause is null then
    perform supaqueue.resume(pause_queue.queue);
  else
    perform supaqueue.pause(
      pause_queue.queue, (pause_queue.pause ->> 'until')::timestamptz, pause_queue.pause ->> 'reason'
    );
  end if;
  return supaqueue_internal.show_queue(pause_queue.queue);
end;
$$;

comment on function supaqueue_internal.pause_queue(text, jsonb) is 'Pauses or resumes a queue. Returns what show_queue does.';
