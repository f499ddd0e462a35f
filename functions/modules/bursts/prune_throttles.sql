-- prune_throttles: throttled keys whose period is over are forgotten.
--
-- called by  sweep
-- writes     supaqueue.throttled_key
--
-- At most `most` rows; returns how many. Waits for nobody: a key that somebody is just enqueueing stays.

create or replace function supaqueue_internal.prune_throttles(most integer default 1000)
returns integer
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  pruned integer;
begin
  delete from supaqueue.throttled_key
  where throttled_key.ctid = any (array(
    select over.ctid
    from supaqueue.throttled_key as over
    where over.free_at < clock_timestamp()
    order by over.free_at
    limit prune_throttles.most
    for update skip locked
  ));
  get diagnostics pruned = row_count;
  return pruned;
end;
$$;

comment on function supaqueue_internal.prune_throttles(integer) is 'Forgets throttled keys whose period is over. Returns how many.';

insert into supaqueue.chore (name, place, routine) values ('throttles', 155, 'prune_throttles')
on conflict (name) do update set place = excluded.place, routine = excluded.routine;
