-- deliver_late_signals: signals that could not be delivered when they were committed are now;
-- those by a key that nobody waited for in 30 days go, and those whose job is gone.
--
-- called by  the sweep
-- writes     what deliver_signal writes
--
-- At most `most`, oldest first; returns how many there were.

create or replace function supaqueue_internal.deliver_late_signals(most integer default 100)
returns integer
language plpgsql
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
set jit = off
as $$
declare
  late bigint;
  done integer := 0;
  gone integer;
begin
  for late in select entry.id from supaqueue.signal as entry where entry.late order by entry.id limit deliver_late_signals.most loop
    done := done + supaqueue_internal.deliver_signal(late)::integer;
  end loop;

  delete from supaqueue.signal as entry
  where entry.id in (
    select old.id from supaqueue.signal as old
    where old.taken_at is null and old.key is not null and old.created_at < clock_timestamp() - interval '30 days'
    order by old.created_at
    limit deliver_late_signals.most
    for update skip locked
  );
  get diagnostics gone = row_count;
  done := done + gone;

  -- Sent while the job was deleted. Looked at for an hour, so that what is kept costs nothing.
  delete from supaqueue.signal as entry
  where entry.id in (
    select lost.id from supaqueue.signal as lost
    where lost.taken_at is null and lost.job is not null
      and lost.created_at between clock_timestamp() - interval '25 hours' and clock_timestamp() - interval '1 day'
      and not exists (select from supaqueue.job where job.id = lost.job)
    limit deliver_late_signals.most
    for update skip locked
  );
  get diagnostics gone = row_count;
  return done + gone;
end;
$$;

comment on function supaqueue_internal.deliver_late_signals(integer) is 'Delivers signals that could not be delivered at their commit.';

insert into supaqueue.chore (name, place, routine) values ('signals', 105, 'deliver_late_signals')
on conflict (name) do update set place = excluded.place, routine = excluded.routine;
