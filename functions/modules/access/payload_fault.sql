-- payload_fault: where a payload is not as a JSON Schema says, and what is wrong there.
--
-- Null when it is. Knows what schema_fault lets pass: 2020-12 without references.
-- `pattern` is a regular expression of PostgreSQL, `format` is asked of what it names.
-- What it costs grows with the payload, whose size the door limits; a schema has an end. Of a
-- long name the beginning stands in the path, which is written anew for each value below it.

create or replace function supaqueue_internal.payload_fault(schema jsonb, payload jsonb, path text default 'payload')
returns text
language plpgsql
stable
set search_path = pg_catalog, pg_temp
set standard_conforming_strings = on
as $$
declare
  kind constant text := jsonb_typeof(payload_fault.payload);
  -- Of a value that has no others in it: those would be written out at every level.
  words constant text := case when kind in ('string', 'number') then payload_fault.payload #>> '{}' end;
  fault text;
begin
  if payload_fault.schema = 'false' then
    return format('%s is not wanted', payload_fault.path);
  end if;
  if jsonb_typeof(payload_fault.schema) is distinct from 'object' then
    return null;
  end if;

  fault := case
    when schema ? 'type' and not (
      case jsonb_typeof(schema -> 'type') when 'array' then schema -> 'type' else jsonb_build_array(schema -> 'type') end
      ?| (array[kind] || case when kind = 'number' and words::numeric % 1 = 0 then 'integer' end)
    ) then format('is %s, not %s', kind, translate(schema ->> 'type', '[]"', ''))
    when schema ? 'const' and schema -> 'const' <> payload then 'is not the one value that is wanted'
  end;
  -- What asks a subquery stands apart: an expression without one costs a tenth.
  if fault is null and schema ? 'enum' and not exists (
    select from jsonb_array_elements(schema -> 'enum') as wanted where wanted.value = payload
  ) then
    fault := 'is none of the values that are wanted';
  end if;

  if fault is null and kind = 'string' then
    fault := case
      when length(words) < (schema ->> 'minLength')::integer then format('is shorter than %s', schema ->> 'minLength')
      when length(words) > (schema ->> 'maxLength')::integer then format('is longer than %s', schema ->> 'maxLength')
      when words !~ (schema ->> 'pattern') then 'does not match the pattern'
      when words !~* case schema ->> 'format'
        when 'date-time' then '^\d{4}-(0\d|1[0-2])-([0-2]\d|3[01])t([01]\d|2[0-3]):[0-5]\d:([0-5]\d|60)(\.\d+)?(z|[+-]\d\d:\d\d)$'
        when 'date' then '^\d{4}-(0\d|1[0-2])-([0-2]\d|3[01])$'
        when 'uuid' then '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$'
        when 'email' then '^[^@\s]+@[^@\s]+$'
        when 'uri' then '^[a-z][a-z0-9+.-]*:\S+$'
      end then format('is no %s', schema ->> 'format')
    end;
  elsif fault is null and kind = 'number' then
    fault := case
      when words::numeric < (schema ->> 'minimum')::numeric then format('is less than %s', schema ->> 'minimum')
      when words::numeric > (schema ->> 'maximum')::numeric then format('is more than %s', schema ->> 'maximum')
      when words::numeric <= (schema ->> 'exclusiveMinimum')::numeric then format('is not more than %s', schema ->> 'exclusiveMinimum')
      when words::numeric >= (schema ->> 'exclusiveMaximum')::numeric then format('is not less than %s', schema ->> 'exclusiveMaximum')
      when words::numeric % (schema ->> 'multipleOf')::numeric <> 0 then format('is not a multiple of %s', schema ->> 'multipleOf')
    end;
  elsif fault is null and kind = 'array' then
    fault := case
      when jsonb_array_length(payload) < (schema ->> 'minItems')::integer then format('has fewer than %s items', schema ->> 'minItems')
      when jsonb_array_length(payload) > (schema ->> 'maxItems')::integer then format('has more than %s items', schema ->> 'maxItems')
    end;
    if fault is null and (schema -> 'uniqueItems')::boolean and (
      select count(distinct item.value) < count(*) from jsonb_array_elements(payload) as item
    ) then
      fault := 'has an item twice';
    end if;
  elsif fault is null and kind = 'object' and schema ?| '{minProperties, maxProperties, required}' then
    fault := case
      when (select count(*) from jsonb_object_keys(payload)) < (schema ->> 'minProperties')::integer
        then format('has fewer than %s fields', schema ->> 'minProperties')
      when (select count(*) from jsonb_object_keys(payload)) > (schema ->> 'maxProperties')::integer
        then format('has more than %s fields', schema ->> 'maxProperties')
      else (
        select format('has no %s', wanted.name)
        from jsonb_array_elements_text(schema -> 'required') as wanted (name)
        where not payload ? wanted.name
        limit 1
      )
    end;
  end if;
  if fault is not null then
    return format('%s %s', payload_fault.path, fault);
  end if;

  -- What stands inside, each by its own schema.
  if kind = 'object' and schema ?| '{properties, additionalProperties, propertyNames}' then
    select found.fault into fault
    from jsonb_each(payload) with ordinality as field (name, value, place)
    cross join lateral (
      select coalesce(
        supaqueue_internal.payload_fault(schema -> 'propertyNames', to_jsonb(field.name), format('%s: the name %s', path, left(field.name, 100))),
        supaqueue_internal.payload_fault(
          coalesce(schema -> 'properties' -> field.name, schema -> 'additionalProperties'),
          field.value, format('%s.%s', path, left(field.name, 100))
        )
      ) as fault
    ) as found
    where found.fault is not null
    order by field.place
    limit 1;
  elsif kind = 'array' and schema ?| '{items, prefixItems}' then
    select found.fault into fault
    from jsonb_array_elements(payload) with ordinality as item (value, place)
    cross join lateral (
      select supaqueue_internal.payload_fault(
        coalesce(schema -> 'prefixItems' -> (item.place - 1)::integer, schema -> 'items'),
        item.value, format('%s[%s]', path, item.place - 1)
      ) as fault
    ) as found
    where found.fault is not null
    order by item.place
    limit 1;
  end if;
  if fault is not null then
    return fault;
  end if;

  if not schema ?| '{allOf, anyOf, oneOf, not}' then
    return null;
  end if;
  if schema ? 'allOf' then
    select found.fault into fault
    from jsonb_array_elements(schema -> 'allOf') as each
    cross join lateral (select supaqueue_internal.payload_fault(each.value, payload, path) as fault) as found
    where found.fault is not null
    limit 1;
  end if;
  return coalesce(fault, case
    when schema ? 'anyOf' and not exists (
      select from jsonb_array_elements(schema -> 'anyOf') as each
      where supaqueue_internal.payload_fault(each.value, payload, path) is null
    ) then format('%s is none of what it may be', path)
    when schema ? 'oneOf' and (
      select count(*) from jsonb_array_elements(schema -> 'oneOf') as each
      where supaqueue_internal.payload_fault(each.value, payload, path) is null
    ) <> 1 then format('%s is not just one of what it may be', path)
    when schema ? 'not' and supaqueue_internal.payload_fault(schema -> 'not', payload, path) is null
      then format('%s is what it may not be', path)
  end);
end;
$$;

comment on function supaqueue_internal.payload_fault(jsonb, jsonb, text) is 'Where a payload is not as a JSON Schema says, null if it is.';
