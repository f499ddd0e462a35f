-- resume: jobs of a queue that was paused are begun again.
--
-- called by  users
-- writes     supaqueue.queue, whose trigger wakes the queue
--
-- Returns whether it was paused. Errors: SQ404.

create or replace function supaqueue.resume(queue text)
returns boolean
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  target constant supaqueue.queue := supaqueue_internal.find_queue(resume.queue);
begin
  update supaqueue.queue
  set paused = false, paused_until = null, paused_reason = null
  where queue.id = target.id and queue.paused;
  return found;
end;
$$;

comment on function supaqueue.resume(text) is 'Resumes a queue. Returns whether it was paused.';
