-- prune_history: minutes older than a day are forgotten, hours older than a month, and those of queues that are gone.
--
-- writes     supaqueue.history, by its index of ages, and what forget_rows writes
--
-- At most `most` rows of each; returns how many.

create or replace function supaqueue_internal.prune_history(most integer default 1000)
returns integer
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  forgotten integer := 0;
  gone uuid[];
  kept constant tid[] := supaqueue_internal.kept_rows('supaqueue.history');
  entry record;
begin
  for entry in
    values ('minute', clock_timestamp() - interval '1 day'), ('hour', clock_timestamp() - interval '31 days')
  loop
    forgotten := forgotten + supaqueue_internal.forget_rows('supaqueue.history', array(
      select old.ctid
      from supaqueue.history as old
      where old.span = entry.column1 and old.at < entry.column2
        and old.ctid <> all (kept)
      order by old.at
      limit greatest(prune_history.most, 0)
      for update skip locked
    ));
  end loop;

  -- Whoever was deleted has an hour at most: only the newest hours are looked at.
  gone := array(
    select distinct known.queue
    from (
      select history.queue from supaqueue.history where history.span = 'hour' order by history.at desc limit 2000
    ) as known
    where not exists (select from supaqueue.queue where queue.id = known.queue)
  );
  if gone <> '{}' then
    forgotten := forgotten + supaqueue_internal.forget_rows('supaqueue.history', array(
      select dead.ctid from supaqueue.history as dead
      where dead.queue = any (gone) and dead.ctid <> all (kept)
      limit greatest(prune_history.most, 0)
      for update skip locked
    ));
  end if;
  return forgotten;
end;
$$;

comment on function supaqueue_internal.prune_history(integer) is 'Forgets minutes older than a day, hours older than a month, and queues that are gone. Returns how many rows.';

insert into supaqueue.chore (name, place, routine) values ('history', 156, 'prune_history')
on conflict (name) do update set place = excluded.place, routine = excluded.routine;
