-- prune_throttles: throttled keys whose period is over are forgotten.
--
-- writes     supaqueue.throttled_key, and what forget_rows writes
--
-- At most `most` rows; returns how many. Waits for nobody: a key that somebody is just enqueueing stays.

create or replace function supaqueue_internal.prune_throttles(most integer default 1000)
returns integer
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  kept constant tid[] := supaqueue_internal.kept_rows('supaqueue.throttled_key');
begin
  return supaqueue_internal.forget_rows('supaqueue.throttled_key', array(
    select over.ctid
    from supaqueue.throttled_key as over
    where over.free_at < clock_timestamp()
      and over.ctid <> all (kept)
    order by over.free_at
    limit prune_throttles.most
    for update skip locked
  ));
end;
$$;

comment on function supaqueue_internal.prune_throttles(integer) is 'Forgets throttled keys whose period is over. Returns how many.';

insert into supaqueue.chore (name, place, routine) values ('throttles', 155, 'prune_throttles')
on conflict (name) do update set place = excluded.place, routine = excluded.routine;
