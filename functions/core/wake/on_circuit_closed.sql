-- on_circuit_closed: the target of a queue takes calls again, or somebody said so; at
-- commit it gets a run, if none is awake.
--
-- Security definer: whoever may write this table may not read the heartbeat.

create or replace function supaqueue_internal.on_circuit_closed()
returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  perform supaqueue_internal.ensure_run(new.queue);
  return null;
end;
$$;

comment on function supaqueue_internal.on_circuit_closed() is 'The target of a queue takes calls again: wakes it.';
revoke execute on function supaqueue_internal.on_circuit_closed() from public, anon, authenticated;

drop trigger if exists on_circuit_closed on supaqueue.circuit;
create constraint trigger on_circuit_closed
  after update of open_until on supaqueue.circuit
  deferrable initially deferred
  for each row
  when (old.open_until is not null and (new.open_until is null or new.open_until < old.open_until))
  execute function supaqueue_internal.on_circuit_closed();
