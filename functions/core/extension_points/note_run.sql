-- note_run: a run took its first turn, and says which secrets it knows.
--
-- Nothing: the core does not remember how dispatch fares.

create or replace function supaqueue_internal.note_run(run uuid, fingerprints jsonb)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  null;
end;
$$;

comment on function supaqueue_internal.note_run(uuid, jsonb) is 'Notes that a run took its first turn, and which secrets it knows.';
