-- answer_once: answers the bell of a queue, unless nobody rang since it was answered.
--
-- called by  the wires of triggers/ whose condition notes who rang: jobs and workers
-- reads      supaqueue.worker
-- writes     what answer writes
--
-- The conditions leave the queue that rang last in a setting of the transaction. They
-- know no other, so a statement that goes back and forth between queues comes here for
-- every row. That queues were answered at this commit takes the place of that note, and
-- stays until somebody rings again: a deferred trigger may make a job ready after its
-- queue was answered. Which ones is in 256 settings: one list of all would be copied and
-- read for each queue, and cost the square of their number.
--
-- Says once per queue and transaction when there are no workers: nothing else would tell
-- whoever enqueues that these jobs wait for ever. Here, and not at the insert, because the
-- workers may come with the same transaction.

create or replace function supaqueue_internal.answer_once(queue uuid)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  rung text := current_setting('supaqueue.rung', true);
  shelf constant text := 'supaqueue.answered_' || (uuid_hash(answer_once.queue) & 255);
  known text;
  idle text;
begin
  if starts_with(rung, 'answered') is not true then
    rung := set_config('supaqueue.rung', concat('answered ', gen_random_uuid()), true);
  end if;
  known := current_setting(shelf, true);
  if starts_with(known, rung) is not true then
    known := rung;
  elsif strpos(known, answer_once.queue::text) > 0 then
    return;
  end if;
  select queue.name into idle
  from supaqueue.queue
  where queue.id = answer_once.queue and not exists (select from supaqueue.worker where worker.queue = queue.id);
  if idle is not null then
    raise notice using
      errcode = 'SQ409',
      message = format('queue %L has no workers: its jobs wait', idle),
      hint = format('For one call at a time: select supaqueue.set_concurrency(%L, 1);', idle);
  end if;
  known := set_config(shelf, concat(known, ' ', answer_once.queue), true);
  perform supaqueue_internal.answer(answer_once.queue);
end;
$$;

comment on function supaqueue_internal.answer_once(uuid) is 'Answers the bell of a queue, unless nobody rang since it was answered.';
revoke execute on function supaqueue_internal.answer_once(uuid) from public, anon, authenticated;
grant execute on function supaqueue_internal.answer_once(uuid) to service_role;
