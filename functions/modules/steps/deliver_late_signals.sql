-- deliver_late_signals: signals that could not be delivered when they were committed are now;
-- those by a key that nobody waited for in 30 days go, and those whose job is gone.
--
-- called by  the sweep
-- writes     what deliver_signal and forget_rows write
--
-- At most `most`, oldest first, and none is delivered after a second; returns how many there were.

create or replace function supaqueue_internal.deliver_late_signals(most integer default 100)
returns integer
language plpgsql
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
set jit = off
as $$
declare
  begun_at constant timestamptz := clock_timestamp();
  late bigint;
  done integer := 0;
  kept constant tid[] := supaqueue_internal.kept_rows('supaqueue.signal');
begin
  for late in
    select entry.id from supaqueue.signal as entry
    where entry.late
      and not exists (
        select from supaqueue.trouble
        where trouble.kind = 'signals' and trouble.subject = entry.id::text and trouble.next_try_at > clock_timestamp()
      )
    order by entry.id
    limit deliver_late_signals.most
  loop
    begin
      done := done + supaqueue_internal.deliver_signal(late)::integer;
      perform supaqueue_internal.fire_deferred('supaqueue.signal');
    exception when query_canceled or assert_failure or others then
      perform supaqueue_internal.put_aside(
        'signals', late::text, sqlstate, sqlerrm, job => (select entry.job from supaqueue.signal as entry where entry.id = late)
      );
      exit when sqlstate = '57014';
    end;
    exit when supaqueue_internal.time_is_up(begun_at);
  end loop;

  done := done + supaqueue_internal.forget_rows('supaqueue.signal', array(
    select old.ctid from supaqueue.signal as old
    where old.taken_at is null and old.key is not null and old.created_at < clock_timestamp() - interval '30 days'
      and old.ctid <> all (kept)
    order by old.created_at
    limit deliver_late_signals.most
    for update skip locked
  ));

  -- Sent while the job was deleted. Looked at for an hour, so that what is kept costs nothing.
  return done + supaqueue_internal.forget_rows('supaqueue.signal', array(
    select lost.ctid from supaqueue.signal as lost
    where lost.taken_at is null and lost.job is not null
      and lost.created_at between clock_timestamp() - interval '25 hours' and clock_timestamp() - interval '1 day'
      and not exists (select from supaqueue.job where job.id = lost.job)
      and lost.ctid <> all (kept)
    limit deliver_late_signals.most
    for update skip locked
  ));
end;
$$;

comment on function supaqueue_internal.deliver_late_signals(integer) is 'Delivers signals that could not be delivered at their commit.';

insert into supaqueue.chore (name, place, routine) values ('signals', 105, 'deliver_late_signals')
on conflict (name) do update set place = excluded.place, routine = excluded.routine;
