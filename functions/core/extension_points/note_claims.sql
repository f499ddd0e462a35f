-- note_claims: so many jobs of a queue have been begun.
--
-- expects    that its caller asked claims_allowed, and holds what it counts by
--
-- Nothing: the core counts nothing.

create or replace function supaqueue_internal.note_claims(queue supaqueue.queue, at timestamptz, jobs integer)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  null;
end;
$$;

comment on function supaqueue_internal.note_claims(supaqueue.queue, timestamptz, integer) is 'Notes that so many jobs of a queue have been begun.';
