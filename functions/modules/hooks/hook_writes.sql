-- hook_writes: whether a row can be written as JSON.
--
-- called by  the functions of hooks, where a row was met that cannot
--
-- A value of the type json may hold what jsonb takes none of, such as \u0000, and a type's own cast to json may raise.

create or replace function supaqueue_internal.hook_writes("row" record)
returns boolean
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
  perform to_jsonb(hook_writes."row");
  return true;
exception when assert_failure or others then
  return false;
end;
$$;

comment on function supaqueue_internal.hook_writes(record) is 'Whether a row can be written as JSON.';
