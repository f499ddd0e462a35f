-- oversize: how many bytes a JSON value has as text, if they are more than `most`.
--
-- called by  all that has a limit for JSON
--
-- As bytes_over, of a value that nobody has looked at yet: one with a fault (json_fault) may unfold, and is too large.

create or replace function supaqueue_internal.oversize(value jsonb, most integer)
returns text
language sql
immutable
set search_path = pg_catalog, pg_temp
as $$
  -- What is far too large is not looked through.
  select case
    when pg_column_size(jsonb_path_query_first(value, '$')) <= most * 4::bigint + 64 and supaqueue_internal.json_fault(value) is not null
      then format('at least %s', most + 1::bigint)
    else supaqueue_internal.bytes_over(value, most)
  end
$$;

comment on function supaqueue_internal.oversize(jsonb, integer) is 'How many bytes a JSON value has as text, if they are more than that.';
