-- oversize: how many bytes a JSON value has as text, if they are more than `most`.
--
-- called by  all that has a limit for JSON
--
-- As bytes_over, of a value that nobody has looked at yet: one with a fault (json_fault) may unfold, and is too large.
-- Where no limit is known, null, it is looked at, too.

create or replace function supaqueue_internal.oversize(value jsonb, most integer)
returns text
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $$
begin
  -- What is far too large is not looked through.
  if (pg_column_size(jsonb_path_query_first(oversize.value, '$')) > oversize.most * 4::bigint + 64) is not true and supaqueue_internal.json_fault(oversize.value) is not null then
    return format('at least %s', oversize.most + 1::bigint);
  end if;
  return supaqueue_internal.bytes_over(oversize.value, oversize.most);
end;
$$;

comment on function supaqueue_internal.oversize(jsonb, integer) is 'How many bytes a JSON value has as text, if they are more than that.';
