-- on_line_freed: a job left its line: at commit its queue gets a run for the one after it, if none is awake.
--
-- As on_job_ready, which tells of jobs that become pending, and by the same setting: not again for the queue that this
-- transaction looked at last.
-- Security definer: whoever may write jobs may not read the heartbeat.

create or replace function supaqueue_internal.on_line_freed()
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

comment on function supaqueue_internal.on_line_freed() is 'A job left its line: wakes its queue for the one after it.';

drop trigger if exists on_line_freed on supaqueue.line_change;
create constraint trigger on_line_freed
  after insert on supaqueue.line_change
  deferrable initially deferred
  for each row
  -- A case: of operands PostgreSQL promises no order, and this writes a setting.
  when (case
    when not new.moves_on or current_setting('supaqueue.signaled', true) = new.queue::text then false
    else set_config('supaqueue.signaled', new.queue::text, true) is not null
  end)
  execute function supaqueue_internal.on_line_freed();
