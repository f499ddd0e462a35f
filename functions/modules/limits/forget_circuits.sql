-- forget_circuits: deletes circuits that say nothing any more.
--
-- writes     supaqueue.circuit, and what forget_rows writes
--
-- Those of targets that take calls again, and of targets that nobody has called for a day:
-- a host may be named by one job and never again. Returns how many. Waits for nobody.

create or replace function supaqueue_internal.forget_circuits(most integer default 1000)
returns integer
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  kept constant tid[] := supaqueue_internal.kept_rows('supaqueue.circuit');
begin
  return supaqueue_internal.forget_rows('supaqueue.circuit', array(
    select held.ctid
    from supaqueue.circuit as held
    where (
        held.failures = 0 and held.open_until is null
        or greatest(held.refused_at, held.open_until, held.tried_at) < clock_timestamp() - interval '1 day'
      )
      and held.ctid <> all (kept)
    limit forget_circuits.most
    for update skip locked
  ));
end;
$$;

comment on function supaqueue_internal.forget_circuits(integer) is 'Deletes circuits that say nothing any more. Returns how many.';

insert into supaqueue.chore (name, place, routine) values ('circuits', 97, 'forget_circuits')
on conflict (name) do update set place = excluded.place, routine = excluded.routine;
