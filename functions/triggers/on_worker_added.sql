-- on_worker_added: a worker was inserted; at commit its queue's bell is answered.
--
-- Rings not again for the queue that this transaction rang last; see on_job_enqueued.
-- Security definer: whoever may write this table may not read the pulse.

create or replace function supaqueue.on_worker_added()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
begin
  perform supaqueue.answer_once(new.queue);
  return null;
end;
$$;

comment on function supaqueue.on_worker_added() is 'A worker was inserted: rings its queue.';
revoke execute on function supaqueue.on_worker_added() from public, anon, authenticated;

drop trigger if exists on_worker_added on supaqueue.worker;
create constraint trigger on_worker_added
  after insert on supaqueue.worker
  deferrable initially deferred
  for each row
  when (
    not new.locked
    and current_setting('supaqueue.rung', true) is distinct from set_config('supaqueue.rung', new.queue::text, true)
  )
  execute function supaqueue.on_worker_added();
