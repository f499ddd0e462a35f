-- on_job_enqueued: a job was inserted; at commit its queue's bell is answered.
--
-- Rings at most once per queue and transaction: the condition notes the queue in
-- a setting of the transaction and is false from then on. That makes a bulk
-- insert cost one answer, not one per row, and is undone with a savepoint.
-- Security definer: whoever may write this table may not read the pulse.

create or replace function supaqueue.on_job_enqueued()
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

comment on function supaqueue.on_job_enqueued() is 'A job was inserted: rings its queue.';
revoke execute on function supaqueue.on_job_enqueued() from public, anon, authenticated;

drop trigger if exists on_job_enqueued on supaqueue.job;
create constraint trigger on_job_enqueued
  after insert on supaqueue.job
  deferrable initially deferred
  for each row
  when (
    new.status = 'pending'
    and strpos(coalesce(current_setting('supaqueue.rung', true), ''), new.queue::text) = 0
    and set_config('supaqueue.rung', concat(current_setting('supaqueue.rung', true), new.queue::text), true) is not null
  )
  execute function supaqueue.on_job_enqueued();
