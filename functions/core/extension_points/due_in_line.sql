-- due_in_line: which jobs of an ordered queue come next.
--
-- called by  modules
--
-- Null, for no queue is ordered: in the core jobs pass each other.

create or replace function supaqueue_internal.due_in_line(
  queue uuid, at timestamptz, most integer, locking boolean, version integer
)
returns bigint[]
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  return null;
end;
$$;

comment on function supaqueue_internal.due_in_line(uuid, timestamptz, integer, boolean, integer) is 'Which jobs of an ordered queue come next. Null for others.';
