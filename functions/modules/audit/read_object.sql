-- read_object: what a text says, if it is a JSON object.
--
-- {} for anything else: a page of a proxy, half a text, nothing.

create or replace function supaqueue_internal.read_object(content text)
returns jsonb
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  if length(read_object.content) > 10000 or ltrim(read_object.content) not like '{%' then
    return '{}';
  end if;
  return coalesce(read_object.content::jsonb, '{}');
exception when assert_failure or others then
  return '{}';
end;
$$;

comment on function supaqueue_internal.read_object(text) is 'What a text says, if it is a JSON object.';
