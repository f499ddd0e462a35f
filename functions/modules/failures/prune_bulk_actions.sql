-- prune_bulk_actions: what was done to many failed jobs is forgotten after a week.
--
-- writes     supaqueue.bulk_action, and what forget_rows writes
--
-- From then on it can neither be followed nor taken back. At most `most` rows; returns how many.

create or replace function supaqueue_internal.prune_bulk_actions(most integer default 1000)
returns integer
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  kept constant tid[] := supaqueue_internal.kept_rows('supaqueue.bulk_action');
begin
  return supaqueue_internal.forget_rows('supaqueue.bulk_action', array(
    select old.ctid
    from supaqueue.bulk_action as old
    where old.at < clock_timestamp() - interval '7 days'
      and old.ctid <> all (kept)
    order by old.at
    limit greatest(prune_bulk_actions.most, 0)
    for update skip locked
  ));
end;
$$;

comment on function supaqueue_internal.prune_bulk_actions(integer) is 'Forgets what was done to many failed jobs a week ago. Returns how many rows.';

insert into supaqueue.chore (name, place, routine) values ('bulk_actions', 155, 'prune_bulk_actions')
on conflict (name) do update set place = excluded.place, routine = excluded.routine;
