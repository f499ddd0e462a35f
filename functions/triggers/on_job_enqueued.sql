-- on_job_enqueued: a job was inserted; at commit its queue's bell is answered.
--
-- Rings not again for the queue that this transaction rang last: the condition notes it
-- in a setting of the transaction. That makes a bulk statement cost one answer, not one
-- per row, and is undone with a savepoint. It is short, for PostgreSQL reads it anew with
-- every statement; answer_once does the rest.
-- Security definer: whoever may write this table may not read the pulse.

create or replace function supaqueue.on_job_enqueued()
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

comment on function supaqueue.on_job_enqueued() is 'A job was inserted: rings its queue.';
revoke execute on function supaqueue.on_job_enqueued() from public, anon, authenticated;

drop trigger if exists on_job_enqueued on supaqueue.job;
create constraint trigger on_job_enqueued
  after insert on supaqueue.job
  deferrable initially deferred
  for each row
  when (
    new.status = 'pending'
    and current_setting('supaqueue.rung', true) is distinct from set_config('supaqueue.rung', new.queue::text, true)
  )
  execute function supaqueue.on_job_enqueued();
