-- note_history: what happened since the last sweep is added to this minute and this hour of each queue.
--
-- writes     supaqueue.history
--
-- What waited longer for the sweep is counted to the minute in which it was added up.

create or replace function supaqueue_internal.note_history(deltas tid[], held uuid[])
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  insert into supaqueue.history as known (
    queue, span, at, enqueued, begun, succeeded, failed, retried, deferred, rescheduled, dropped, leases_lost, calls, calls_ms
  )
  select
    recent.queue, span.name, date_trunc(span.name, recent.at), recent.enqueued, recent.begun, recent.succeeded, recent.failed, recent.retried,
    recent.deferred, recent.rescheduled, recent.dropped, recent.leases_lost, recent.calls, least(recent.calls_ms, 9007199254740991)
  from supaqueue_internal.recent_history(note_history.deltas) as recent
  cross join unnest('{minute,hour}'::text[]) as span (name)
  where recent.queue = any (note_history.held)
    and (
      recent.enqueued, recent.begun, recent.succeeded, recent.failed, recent.retried, recent.deferred, recent.rescheduled,
      recent.dropped, recent.leases_lost
    ) is distinct from (0, 0, 0, 0, 0, 0, 0, 0, 0)
  order by recent.queue, span.name
  on conflict on constraint history_has_one_row_per_span do update
  set
    enqueued = least(known.enqueued + excluded.enqueued, 9007199254740991),
    begun = least(known.begun + excluded.begun, 9007199254740991),
    succeeded = least(known.succeeded + excluded.succeeded, 9007199254740991),
    failed = least(known.failed + excluded.failed, 9007199254740991),
    retried = least(known.retried + excluded.retried, 9007199254740991),
    deferred = least(known.deferred + excluded.deferred, 9007199254740991),
    rescheduled = least(known.rescheduled + excluded.rescheduled, 9007199254740991),
    dropped = least(known.dropped + excluded.dropped, 9007199254740991),
    leases_lost = least(known.leases_lost + excluded.leases_lost, 9007199254740991),
    calls = supaqueue_internal.add_calls(known.calls, excluded.calls),
    calls_ms = least(known.calls_ms + excluded.calls_ms, 9007199254740991);
end;
$$;

comment on function supaqueue_internal.note_history(tid[], uuid[]) is 'Adds what happened since the last sweep to this minute and this hour of each queue.';
