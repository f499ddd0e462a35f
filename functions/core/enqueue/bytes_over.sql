-- bytes_over: how many bytes a JSON value without a fault has as text, if they are more than `most`.
--
-- expects    that json_fault was asked: to look through all numbers once more would cost most of an insert
--
-- Null when it fits. Otherwise the number, or `at least` a number: what is far too large is
-- not written out to be measured. Stored, a value takes at most four times what it takes as
-- text, so what is stored is looked at first; then the numbers, of which 12 bytes may take
-- 651 as text.

create or replace function supaqueue_internal.bytes_over(value jsonb, most integer)
returns text
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $$
declare
  -- By a path, so that a compressed value is measured as it is without.
  stored constant bigint := pg_column_size(jsonb_path_query_first(bytes_over.value, '$'));
  bytes bigint;
begin
  if bytes_over.value is null then
    return null;
  end if;
  if stored > bytes_over.most * 4::bigint + 64 then
    return format('at least %s', stored / 4);
  end if;

  if stored > 20000 then
    select sum(octet_length(long.number::text)) into bytes
    from (
      select entry.number
      from jsonb_path_query(bytes_over.value, 'strict $.** ? (@.type() == "number")') as entry (number)
      where scale(entry.number::numeric) > 20 or abs(entry.number::numeric) >= 1e20
      limit bytes_over.most / 20 + 1
    ) as long;
    if bytes > bytes_over.most then
      return format('at least %s', bytes);
    end if;
  end if;
  bytes := octet_length(bytes_over.value::text);
  return case when bytes > bytes_over.most then bytes end;
end;
$$;

comment on function supaqueue_internal.bytes_over(jsonb, integer) is 'How many bytes a JSON value without a fault has as text, if they are more than that.';
