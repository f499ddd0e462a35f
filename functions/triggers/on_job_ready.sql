-- on_job_ready: a job that was not may now be begun: put back, moved earlier, moved
-- to another queue. At commit its queue's bell is answered.
--
-- Rings at most once per queue and transaction: the condition notes the queue in
-- a setting of the transaction and is false from then on. That makes a bulk
-- insert cost one answer, not one per row, and is undone with a savepoint.
-- Security definer: whoever may write this table may not read the pulse.

create or replace function supaqueue.on_job_ready()
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

comment on function supaqueue.on_job_ready() is 'A job may now be begun: rings its queue.';
revoke execute on function supaqueue.on_job_ready() from public, anon, authenticated;

drop trigger if exists on_job_ready on supaqueue.job;
create constraint trigger on_job_ready
  after update of status, run_at, queue on supaqueue.job
  deferrable initially deferred
  for each row
  when (
    new.status = 'pending'
    and (old.status <> 'pending' or new.run_at < old.run_at or new.queue <> old.queue)
    and strpos(coalesce(current_setting('supaqueue.rung', true), ''), new.queue::text) = 0
    and set_config('supaqueue.rung', concat(current_setting('supaqueue.rung', true), new.queue::text), true) is not null
  )
  execute function supaqueue.on_job_ready();
