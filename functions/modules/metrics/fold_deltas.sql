-- fold_deltas: deltas are added to the counters and the history of their queues, and taken away.
--
-- expects    that its caller holds them
-- writes     supaqueue.counter_delta; what add_counters and note_history write
--
-- All or nothing: raises when one of them stays, which would be counted again. Without the history when that is to be.

create or replace function supaqueue_internal.fold_deltas(deltas tid[], held uuid[], history boolean default true)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  perform supaqueue_internal.add_counters(fold_deltas.deltas, fold_deltas.held);
  if fold_deltas.history then
    perform supaqueue_internal.note_history(fold_deltas.deltas, fold_deltas.held);
  end if;
  delete from supaqueue.counter_delta where counter_delta.ctid = any (fold_deltas.deltas);
  if exists (select from supaqueue.counter_delta where counter_delta.ctid = any (fold_deltas.deltas)) then
    perform supaqueue_internal.refuse_unwritten('supaqueue.counter_delta');
  end if;
  perform supaqueue_internal.fire_deferred('supaqueue.counter_delta');
  perform supaqueue_internal.fire_deferred('supaqueue.counter');
  if fold_deltas.history then
    perform supaqueue_internal.fire_deferred('supaqueue.history');
  end if;
end;
$$;

comment on function supaqueue_internal.fold_deltas(tid[], uuid[], boolean) is 'Adds deltas to the counters and the history of their queues, and takes them away.';
