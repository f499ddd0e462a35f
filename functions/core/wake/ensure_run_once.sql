-- ensure_run_once: sees that a queue has a run, once for all that happened since it was looked at.
--
-- called by  the triggers whose condition notes the queue: jobs and workers
-- writes     what ensure_run writes
--
-- The conditions leave the queue that had work last in a setting of the transaction. They
-- know no other, so a statement that goes back and forth between queues comes here for
-- every row. That queues were looked at in this commit takes the place of that note, and
-- stays until there is work again: a deferred trigger may make a job ready after its
-- queue was looked at. Which ones is in 256 settings: one list of all would be copied and
-- read for each queue, and cost the square of their number.

create or replace function supaqueue_internal.ensure_run_once(queue uuid)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  signaled text := current_setting('supaqueue.signaled', true);
  shelf constant text := 'supaqueue.seen_' || (uuid_hash(ensure_run_once.queue) & 255);
  known text;
begin
  if starts_with(signaled, 'seen') is not true then
    signaled := set_config('supaqueue.signaled', concat('seen ', gen_random_uuid()), true);
  end if;
  known := current_setting(shelf, true);
  if starts_with(known, signaled) is not true then
    known := signaled;
  elsif strpos(known, ensure_run_once.queue::text) > 0 then
    return;
  end if;
  known := set_config(shelf, concat(known, ' ', ensure_run_once.queue), true);
  perform supaqueue_internal.ensure_run(ensure_run_once.queue);
end;
$$;

comment on function supaqueue_internal.ensure_run_once(uuid) is 'Sees that a queue has a run, once for all that happened since it was looked at.';
