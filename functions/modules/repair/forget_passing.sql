-- forget_passing: what could not be done in passing, and has not happened again, is forgotten.
--
-- writes     supaqueue.trouble
--
-- A queue could not be given work or kept awake, a call or an outcome could not be noted, something was not counted: each
-- turn and each sweep does such things anew, or was slow with them, so they are not tried for themselves. Those that happened once are shown for
-- an hour, others until their next try would come. At most `most`; returns how many.

create or replace function supaqueue_internal.forget_passing(most integer default 1000)
returns integer
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  at constant timestamptz := clock_timestamp();
  forgotten integer;
begin
  delete from supaqueue.trouble
  where (trouble.kind, trouble.subject) in (
    select passing.kind, passing.subject from supaqueue.trouble as passing
    where passing.kind in ('claim', 'heartbeat', 'called', 'counters', 'dispatch', 'circuit', 'rows', 'signals', 'hook_faults', 'lines', 'slow')
      and (
        passing.next_try_at <= at and passing.next_try_at > passing.tried_at
        or passing.tried_at < at - interval '1 hour'
      )
    limit forget_passing.most
    for update skip locked
  );
  get diagnostics forgotten = row_count;
  return forgotten;
end;
$$;

comment on function supaqueue_internal.forget_passing(integer) is 'Forgets what could not be done in passing and has not happened again. Returns how many.';

insert into supaqueue.chore (name, place, routine) values ('passing', 910, 'forget_passing')
on conflict (name) do update set place = excluded.place, routine = excluded.routine;
