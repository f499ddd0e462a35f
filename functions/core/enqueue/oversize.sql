-- oversize: how many bytes a JSON value has as text, if they are more than `most`.
--
-- called by  all that has a limit for JSON
--
-- Null when it fits. Otherwise the number, or `at least` a number: what is far too large is
-- not written out to be measured. Stored, a value takes at most four times what it takes as
-- text, so what is stored is looked at first; then the numbers, of which 12 bytes may take
-- 651 as text.

create or replace function supaqueue_internal.oversize(value jsonb, most integer)
returns text
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $$
declare
  -- By a path, so that a compressed value is measured as it is without.
  stored constant bigint := pg_column_size(jsonb_path_query_first(oversize.value, '$'));
  bytes bigint;
begin
  if oversize.value is null then
    return null;
  end if;
  if stored > oversize.most * 4::bigint + 64 then
    return format('at least %s', stored / 4);
  end if;
  if supaqueue_internal.json_fault(oversize.value) is not null then
    return format('at least %s', oversize.most + 1::bigint);
  end if;

  if stored > 20000 then
    select sum(octet_length(long.number::text)) into bytes
    from (
      select entry.number
      from jsonb_path_query(oversize.value, 'strict $.** ? (@.type() == "number")') as entry (number)
      where scale(entry.number::numeric) > 20 or abs(entry.number::numeric) >= 1e20
      limit oversize.most / 20 + 1
    ) as long;
    if bytes > oversize.most then
      return format('at least %s', bytes);
    end if;
  end if;
  bytes := octet_length(oversize.value::text);
  return case when bytes > oversize.most then bytes end;
end;
$$;

comment on function supaqueue_internal.oversize(jsonb, integer) is 'How many bytes a JSON value has as text, if they are more than that.';
