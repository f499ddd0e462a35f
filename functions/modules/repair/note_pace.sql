-- note_pace: whether a row of a queue took more than a second, for something of the user's does.
--
-- called by  chores that go row by row
-- writes     supaqueue.trouble
--
-- In place of the core's default.
-- Such a queue is set aside as `slow`: chores do the rows of all others first. It is not when a row of it is done fast again.
-- Once a row has waited for a lock, how long the others take says nothing.

create or replace function supaqueue_internal.note_pace(queue uuid, since timestamptz)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  took constant interval := clock_timestamp() - note_pace.since;
begin
  if supaqueue_internal.lock_timed_out() then
    return;
  end if;
  if took > interval '1 second' then
    perform supaqueue_internal.put_aside('slow', note_pace.queue::text, 'SQ503', format(
      'the sweep needed %s s for one row: a trigger of yours on a table of supaqueue, a check or a function in one, a foreign key to one without an index, or the condition of a backfill is slow',
      round(extract(epoch from took), 1)
    ), queue => note_pace.queue);
  else
    delete from supaqueue.trouble where trouble.kind = 'slow' and trouble.subject = note_pace.queue::text;
  end if;
end;
$$;

comment on function supaqueue_internal.note_pace(uuid, timestamptz) is 'Sets a queue aside as slow when one of its rows took more than a second; else no longer.';
