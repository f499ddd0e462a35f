-- on_job_ready: a job may now be begun: inserted, put back, moved to another time or
-- queue. At commit its queue's bell is answered.
--
-- Rings not again for the queue that this transaction rang last: the condition notes it
-- in a setting of the transaction. That makes a bulk statement cost one answer, not one
-- per row, and is undone with a savepoint. It is short, for PostgreSQL reads it anew with
-- every statement; answer_once does the rest.
-- Security definer: whoever may write this table may not read the pulse.

create or replace function supaqueue_internal.on_job_ready()
returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  perform supaqueue_internal.answer_once(new.queue);
  return null;
end;
$$;

comment on function supaqueue_internal.on_job_ready() is 'A job may now be begun: rings its queue.';
revoke execute on function supaqueue_internal.on_job_ready() from public, anon, authenticated;

drop trigger if exists on_job_ready on supaqueue.job;
create constraint trigger on_job_ready
  after insert or update of status, run_at, queue on supaqueue.job
  deferrable initially deferred
  for each row
  -- A case: of operands PostgreSQL promises no order, and this writes a setting.
  when (case
    when new.status <> 'pending' or current_setting('supaqueue.rung', true) = new.queue::text then false
    else set_config('supaqueue.rung', new.queue::text, true) is not null
  end)
  execute function supaqueue_internal.on_job_ready();
