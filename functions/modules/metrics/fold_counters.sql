-- fold_counters: what happened since the last sweep is added to what happened before.
--
-- called by  sweep
-- writes     supaqueue.counter, supaqueue.counter_delta; what note_history writes; supaqueue.trouble
--
-- At most `most` deltas, and returns how many. What belongs to queues that are gone goes.
-- Whoever reads sees the same before and after. One at a time (it holds the row of
-- its chore; the second has nothing to add), waits for nobody, and writes nothing when
-- nothing happened. Needs read committed, and does nothing else.

create or replace function supaqueue_internal.fold_counters(most integer default 20000)
returns integer
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  held uuid[];
  taken tid[];
  one tid;
  home uuid;
begin
  if current_setting('transaction_isolation') <> 'read committed' then
    return 0;
  end if;
  perform from supaqueue.chore where chore.name = 'counters' for no key update skip locked;
  if not found then
    return 0;
  end if;

  insert into supaqueue.counter (queue)
  select queue.id from supaqueue.queue where not exists (select from supaqueue.counter where counter.queue = queue.id)
  on conflict do nothing;

  held := array(
    select counter.queue from supaqueue.counter
    where counter.queue in (select counter_delta.queue from supaqueue.counter_delta)
    for no key update skip locked
  );
  taken := array(
    select counter_delta.ctid from supaqueue.counter_delta
    where counter_delta.queue = any (held)
      or not exists (select from supaqueue.queue where queue.id = counter_delta.queue)
    limit fold_counters.most
    for update skip locked
  );

  begin
    perform supaqueue_internal.add_counters(taken, held);
  exception when assert_failure or others then
    -- One delta that cannot be added stops no other: it is left out, and said so.
    for one, home in
      select counter_delta.ctid, counter_delta.queue from supaqueue.counter_delta where counter_delta.ctid = any (taken)
    loop
      begin
        perform supaqueue_internal.add_counters(array[one], held);
      exception when assert_failure or others then
        perform supaqueue_internal.put_aside(
          'counters', home::text, sqlstate, format('something that happened was not counted: %s', sqlerrm), queue => home
        );
      end;
    end loop;
  end;

  begin
    perform supaqueue_internal.note_history(taken, held);
  exception when assert_failure or others then
    perform supaqueue_internal.put_aside('counters', 'history', sqlstate, format('the history lacks what happened: %s', sqlerrm));
  end;

  delete from supaqueue.counter_delta where counter_delta.ctid = any (taken);

  -- What was not counted is not made up for: it is shown for an hour.
  delete from supaqueue.trouble where trouble.kind = 'counters' and trouble.tried_at < clock_timestamp() - interval '1 hour';

  delete from supaqueue.counter where counter.queue = any (array(
    select dead.queue from supaqueue.counter as dead
    where not exists (select from supaqueue.queue where queue.id = dead.queue)
    for update skip locked
  ));
  return cardinality(taken);
end;
$$;

comment on function supaqueue_internal.fold_counters(integer) is 'Adds what happened since the last sweep to the counters. Returns how many deltas there were.';

insert into supaqueue.chore (name, place, routine, times) values ('counters', 150, 'fold_counters', 20)
on conflict (name) do update set place = excluded.place, routine = excluded.routine, times = excluded.times;
