-- prune_finished: finished jobs that are old enough go, in as many small batches as there is
-- time for.
--
-- writes     what prune writes
--
-- Up to ten batches of `most`, unless two seconds are over before: it keeps up with several
-- hundred jobs that end in a second. Returns how many were deleted.

create or replace function supaqueue_internal.prune_finished(most integer default 1000)
returns integer
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  begun_at constant timestamptz := clock_timestamp();
  pruned integer;
  total integer := 0;
begin
  if current_setting('transaction_isolation') <> 'read committed' or prune_finished.most = 0 then
    return 0;
  end if;
  for batch in 1 .. 10 loop
    pruned := supaqueue.prune(prune_finished.most);
    total := total + pruned;
    exit when pruned < prune_finished.most or clock_timestamp() > begun_at + interval '2 seconds';
  end loop;
  return total;
end;
$$;

comment on function supaqueue_internal.prune_finished(integer) is 'Deletes finished jobs that are old enough, in small batches. Returns how many.';

insert into supaqueue.chore (name, place, routine) values ('prune', 120, 'prune_finished')
on conflict (name) do update set place = excluded.place, routine = excluded.routine;
