-- on_worker_freed: a worker was unlocked or moved to another queue; at commit its
-- queue's bell is answered.
--
-- Rings at most once per queue and transaction: the condition notes the queue in
-- a setting of the transaction and is false from then on. That makes a bulk
-- insert cost one answer, not one per row, and is undone with a savepoint.
-- Security definer: whoever may write this table may not read the pulse.

create or replace function supaqueue.on_worker_freed()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
begin
  perform supaqueue.answer(new.queue);
  return null;
end;
$$;

comment on function supaqueue.on_worker_freed() is 'A worker was unlocked or moved: rings its queue.';
revoke execute on function supaqueue.on_worker_freed() from public, anon, authenticated;

drop trigger if exists on_worker_freed on supaqueue.worker;
create constraint trigger on_worker_freed
  after update of locked, queue on supaqueue.worker
  deferrable initially deferred
  for each row
  when (
    not new.locked and (old.locked or new.queue <> old.queue)
    and strpos(coalesce(current_setting('supaqueue.rung', true), ''), new.queue::text) = 0
    and set_config('supaqueue.rung', concat(current_setting('supaqueue.rung', true), new.queue::text), true) is not null
  )
  execute function supaqueue.on_worker_freed();
