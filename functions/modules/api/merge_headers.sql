-- merge_headers: two sets of headers as one; those of the second win, in whatever case.
--
-- Null when there are none.

create or replace function supaqueue_internal.merge_headers(base jsonb, over jsonb)
returns jsonb
language sql
immutable
set search_path = pg_catalog, pg_temp
as $$
  select jsonb_object_agg(header.name, header.value)
  from (
    select distinct on (lower(given.name)) given.name, given.value
    from (
      select key as name, value, 1 as rank from jsonb_each(nullif(merge_headers.base, 'null'))
      union all
      select key, value, 2 from jsonb_each(nullif(merge_headers.over, 'null'))
    ) as given
    order by lower(given.name), given.rank desc, given.name
  ) as header
$$;

comment on function supaqueue_internal.merge_headers(jsonb, jsonb) is 'Two sets of headers as one; those of the second win.';
