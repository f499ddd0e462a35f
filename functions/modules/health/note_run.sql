-- note_run: a run took its first turn, and says which secrets it knows.
--
-- writes     supaqueue.dispatch, once a second at most
--
-- In place of the core's default.
-- Waits for nobody: whoever holds the row has just written the same. Never raises.

create or replace function supaqueue_internal.note_run(run uuid, fingerprints jsonb)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  known constant text[] := case when jsonb_typeof(note_run.fingerprints) = 'array' then
    array(select left(entry, 64) from jsonb_array_elements_text(note_run.fingerprints) as entry limit 4)
  end;
begin
  update supaqueue.dispatch
  set run = note_run.run, run_at = clock_timestamp(), fingerprints = coalesce(known, dispatch.fingerprints)
  where dispatch.only_one = (
    select held.only_one
    from supaqueue.dispatch as held
    where held.run_at is null
      or held.run_at not between clock_timestamp() - interval '1 second' and clock_timestamp()
      or held.fingerprints is distinct from coalesce(known, held.fingerprints)
    for no key update skip locked
  );
  -- None of ours is deferred there.
  if exists (select from pg_trigger where pg_trigger.tgrelid = 'supaqueue.dispatch'::regclass and pg_trigger.tginitdeferred) then
    perform supaqueue_internal.fire_deferred('supaqueue.dispatch');
  end if;
exception when query_canceled or assert_failure or others then
  perform supaqueue_internal.put_aside('dispatch', 'run', sqlstate, format('a run could not be noted: %s', sqlerrm));
end;
$$;

comment on function supaqueue_internal.note_run(uuid, jsonb) is 'Notes that a run took its first turn, and which secrets it knows.';
