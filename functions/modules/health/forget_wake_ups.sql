-- forget_wake_ups: a wake-up that nobody has asked about within a quarter of an hour is forgotten.
--
-- writes     supaqueue.wake_up, and what forget_rows writes
--
-- Returns how many. pg_net forgets answers much sooner, so nothing can be learned of an older one.

create or replace function supaqueue_internal.forget_wake_ups(most integer default 1000)
returns integer
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  kept constant tid[] := supaqueue_internal.kept_rows('supaqueue.wake_up');
begin
  return supaqueue_internal.forget_rows('supaqueue.wake_up', array(
    select held.ctid
    from supaqueue.wake_up as held
    where held.posted_at < clock_timestamp() - interval '15 minutes'
      and held.ctid <> all (kept)
    limit forget_wake_ups.most
    for update skip locked
  ));
end;
$$;

comment on function supaqueue_internal.forget_wake_ups(integer) is 'Forgets wake-ups that nobody has asked about within a quarter of an hour. Returns how many.';

insert into supaqueue.chore (name, place, routine) values ('wake_ups', 55, 'forget_wake_ups')
on conflict (name) do update set place = excluded.place, routine = excluded.routine;
