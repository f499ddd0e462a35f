-- hook_instant: a time as it is called within a key, whatever the time zone of whoever writes.
--
-- What is no time stays as it is: the column has changed its type since the hook was made.

create or replace function supaqueue_internal.hook_instant(value text)
returns text
language plpgsql
stable
set search_path = pg_catalog, pg_temp
set timezone = 'UTC'
as $$
begin
  return to_jsonb(hook_instant.value::timestamptz) #>> '{}';
exception when assert_failure or others then
  return hook_instant.value;
end;
$$;

comment on function supaqueue_internal.hook_instant(text) is 'A time as it is called within a key, whatever the time zone of whoever writes.';
