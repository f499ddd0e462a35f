-- key_has_room: whether the key of a job, and its line, let it begin now.
--
-- True: the core asks for no key.

create or replace function supaqueue_internal.key_has_room(job supaqueue.job, per_key integer)
returns boolean
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  return true;
end;
$$;

comment on function supaqueue_internal.key_has_room(supaqueue.job, integer) is 'Whether the key of a job, and its line, let it begin now.';
