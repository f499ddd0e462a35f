-- note_outcomes: which calls of a run got through, and which were deferred.
--
-- Nothing: the core does not ask how a target fares. `reached` has an entry per call that got
-- through, the url of its job or null; `ended` are the settled reports worth remembering, or null.

create or replace function supaqueue_internal.note_outcomes(queue uuid, reached text[], ended jsonb)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  null;
end;
$$;

comment on function supaqueue_internal.note_outcomes(uuid, text[], jsonb) is 'Notes which calls of a run got through, and which were deferred.';
