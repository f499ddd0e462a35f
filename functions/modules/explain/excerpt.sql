-- excerpt: the beginning of a JSON value, for people to see.
--
-- called by  modules, and the console
--
-- A value that is large, or would unfold, is not written out for it: its size stands there.

create or replace function supaqueue_internal.excerpt(value jsonb, most integer default 200)
returns text
language sql
immutable
set search_path = pg_catalog, pg_temp
as $$
  select case
    when supaqueue_internal.json_fault(value) is not null then format('(not shown: it %s)', supaqueue_internal.json_fault(value))
    when supaqueue_internal.oversize(value, 1048576) is not null then format('(not shown: %s bytes are stored)', pg_column_size(value))
    else left(value::text, most)
  end
$$;

comment on function supaqueue_internal.excerpt(jsonb, integer) is 'The beginning of a JSON value, for people to see.';
