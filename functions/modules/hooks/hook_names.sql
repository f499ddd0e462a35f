-- hook_names: what the SQL of hooks calls what stands beside the columns of a row. No column of the table may be called so.

create or replace function supaqueue_internal.hook_names()
returns name[]
language sql
immutable
set search_path = pg_catalog, pg_temp
as $$
  select '{supaqueue_row, supaqueue_whole, supaqueue_place, supaqueue_total, supaqueue_line}'::name[]
$$;

comment on function supaqueue_internal.hook_names() is 'What no column of a table with a hook may be called.';
