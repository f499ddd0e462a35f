-- forget_rows: rows that are old enough are deleted.
--
-- expects    that its caller holds them
--
-- All at once. Returns how many.

create or replace function supaqueue_internal.forget_rows(relation regclass, aged tid[])
returns integer
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  gone integer;
begin
  execute format('delete from %s where ctid = any ($1)', forget_rows.relation) using forget_rows.aged;
  get diagnostics gone = row_count;
  return gone;
end;
$$;

comment on function supaqueue_internal.forget_rows(regclass, tid[]) is 'Deletes rows that are old enough. Returns how many.';
