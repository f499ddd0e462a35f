-- hook_key: which row a change is of, as a key of its job.
--
-- called by  the functions of hooks that are ordered or coalesce
--
-- The table, and the values of its primary key: `public.photos:17`. What is long is a hash. Null where there is no row, or
-- nobody knows its key: such a job is in no line, and takes nothing in.

create or replace function supaqueue_internal.hook_key(schema_name text, table_name text, parts text[])
returns text
language sql
immutable
set search_path = pg_catalog, pg_temp
set quote_all_identifiers = off
as $$
  select concat(format('%I.%I:', hook_key.schema_name, hook_key.table_name), case when octet_length(written.key) > 500 then encode(sha256(convert_to(written.key, 'utf8')), 'hex') else written.key end)
  from (
    select case cardinality(hook_key.parts) when 1 then hook_key.parts[1] else to_jsonb(hook_key.parts)::text end as key
    where cardinality(hook_key.parts) > 0 and array_position(hook_key.parts, null) is null
  ) as written
$$;

comment on function supaqueue_internal.hook_key(text, text, text[]) is 'Which row a change is of, as a key of its job.';
