-- without_secrets: the value of a column as anybody may read it who reads what was done.

create or replace function supaqueue_internal.without_secrets(name text, value jsonb)
returns jsonb
language sql
immutable
set search_path = pg_catalog, pg_temp
as $$
  select case
    when jsonb_typeof(without_secrets.value) = 'object' and without_secrets.name in ('default_headers', 'headers', 'query') then (
      select coalesce(jsonb_object_agg(header.name, '…'), '{}') from jsonb_object_keys(without_secrets.value) as header (name)
    )
    when jsonb_typeof(without_secrets.value) = 'string' and without_secrets.name = 'url' then
      to_jsonb(regexp_replace(without_secrets.value #>> '{}', '[?#].*$', '?…'))
    else without_secrets.value
  end
$$;

comment on function supaqueue_internal.without_secrets(text, jsonb) is 'The value of a column, without what may be secret.';
