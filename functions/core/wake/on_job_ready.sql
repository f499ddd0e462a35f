-- on_job_ready: a job may now be begun: inserted, put back, moved to another time or
-- queue. At commit its queue gets a run, if none is awake.
--
-- Not again for the queue that this transaction looked at last: the condition notes it
-- in a setting of the transaction. That makes a bulk statement cost one look, not one
-- per row, and is undone with a savepoint. It is short, for PostgreSQL reads it anew with
-- every statement; ensure_run does the rest.
-- Security definer: whoever may write this table may not read the heartbeat.

create or replace function supaqueue_internal.on_job_ready()
returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  perform supaqueue_internal.ensure_run(new.queue, once => true);
  return null;
end;
$$;

comment on function supaqueue_internal.on_job_ready() is 'A job may now be begun: wakes its queue.';

drop trigger if exists on_job_ready on supaqueue.job;
create constraint trigger on_job_ready
  after insert or update of status, run_at, queue on supaqueue.job
  deferrable initially deferred
  for each row
  -- A case: of operands PostgreSQL promises no order, and this writes a setting.
  when (case
    when new.status <> 'pending' or current_setting('supaqueue.signaled', true) = new.queue::text then false
    else set_config('supaqueue.signaled', new.queue::text, true) is not null
  end)
  execute function supaqueue_internal.on_job_ready();
