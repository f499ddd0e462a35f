-- on_signal_sent: a signal was sent, by signal() or by hand. At commit it is delivered.
--
-- At commit, so that whoever sends it holds no job for longer than that.
-- Security definer: whoever may write this table may not write jobs.

create or replace function supaqueue_internal.on_signal_sent()
returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  perform supaqueue_internal.deliver_signal(new.id);
  return null;
end;
$$;

comment on function supaqueue_internal.on_signal_sent() is 'A signal was sent: delivers it.';

drop trigger if exists on_signal_sent on supaqueue.signal;
create constraint trigger on_signal_sent
  after insert on supaqueue.signal
  deferrable initially deferred
  for each row
  when (new.taken_at is null)
  execute function supaqueue_internal.on_signal_sent();
