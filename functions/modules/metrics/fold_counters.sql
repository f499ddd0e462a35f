-- fold_counters: what happened since the last sweep is added to what happened before.
--
-- writes     supaqueue.counter, and what fold_deltas writes; supaqueue.trouble
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
  its tid[];
  home uuid;
  reason text;
begin
  if current_setting('transaction_isolation') <> 'read committed' then
    return 0;
  end if;
  perform from supaqueue.chore where chore.name = 'counters' for no key update skip locked;
  if not found then
    return 0;
  end if;

  begin
    insert into supaqueue.counter (queue)
    select queue.id from supaqueue.queue where not exists (select from supaqueue.counter where counter.queue = queue.id)
    on conflict do nothing;
    perform supaqueue_internal.fire_deferred('supaqueue.counter');
  exception when query_canceled or assert_failure or others then
    for home in
      select queue.id from supaqueue.queue where not exists (select from supaqueue.counter where counter.queue = queue.id)
    loop
      begin
        insert into supaqueue.counter (queue) values (home) on conflict do nothing;
        perform supaqueue_internal.fire_deferred('supaqueue.counter');
      exception when query_canceled or assert_failure or others then
        perform supaqueue_internal.put_aside(
          'counters', home::text, sqlstate, format('what happens is not counted: %s', sqlerrm), queue => home
        );
      end;
    end loop;
  end;

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

  -- All at once; when that fails, queue by queue, without the history, and one by one. What cannot be counted is left out,
  -- and said so; what cannot even be taken away is not counted either, or it would be with every sweep.
  begin
    perform supaqueue_internal.fold_deltas(taken, held);
  exception when query_canceled or assert_failure or others then
    for home, its in
      select counter_delta.queue, array_agg(counter_delta.ctid) from supaqueue.counter_delta
      where counter_delta.ctid = any (taken)
      group by counter_delta.queue
    loop
      begin
        perform supaqueue_internal.fold_deltas(its, held);
      exception when query_canceled or assert_failure or others then
        reason := sqlerrm;
        begin
          perform supaqueue_internal.fold_deltas(its, held, history => false);
          perform supaqueue_internal.put_aside(
            'counters', home::text, sqlstate, format('the history lacks what happened: %s', reason), queue => home
          );
        exception when query_canceled or assert_failure or others then
          foreach one in array its loop
            begin
              perform supaqueue_internal.fold_deltas(array[one], held, history => false);
            exception when query_canceled or assert_failure or others then
              perform supaqueue_internal.put_aside(
                'counters', home::text, sqlstate, format('something that happened was not counted: %s', sqlerrm), queue => home
              );
              begin
                delete from supaqueue.counter_delta where counter_delta.ctid = one;
                perform supaqueue_internal.fire_deferred('supaqueue.counter_delta');
              exception when query_canceled or assert_failure or others then
                -- It stays, and is tried again by the next sweep.
                null;
              end;
            end;
          end loop;
        end;
      end;
    end loop;
  end;

  for home in
    select dead.queue from supaqueue.counter as dead
    where not exists (select from supaqueue.queue where queue.id = dead.queue)
    for update skip locked
  loop
    begin
      delete from supaqueue.counter where counter.queue = home;
      perform supaqueue_internal.fire_deferred('supaqueue.counter');
    exception when query_canceled or assert_failure or others then
      perform supaqueue_internal.put_aside('counters', home::text, sqlstate, format('the counters of a queue that is gone stay: %s', sqlerrm), queue => home);
    end;
  end loop;
  return cardinality(taken);
end;
$$;

comment on function supaqueue_internal.fold_counters(integer) is 'Adds what happened since the last sweep to the counters. Returns how many deltas there were.';

insert into supaqueue.chore (name, place, routine, times) values ('counters', 150, 'fold_counters', 20)
on conflict (name) do update set place = excluded.place, routine = excluded.routine, times = excluded.times;
