-- schema_fault: what of a JSON Schema a door could not hold payloads to.
--
-- Null when all is understood: what is not would be silently let pass. The keywords
-- are those that payload_fault asks, and some that only describe. `path` is where the
-- schema stands in the whole.

create or replace function supaqueue_internal.schema_fault(schema jsonb, path text default 'schema', depth integer default 1)
returns text
language plpgsql
stable
set search_path = pg_catalog, pg_temp
set standard_conforming_strings = on
as $$
declare
  described constant text[] := '{$schema, $id, $comment, title, description, default, examples, deprecated, readOnly, writeOnly}';
  numbers constant text[] := '{minimum, maximum, exclusiveMinimum, exclusiveMaximum, multipleOf}';
  counts constant text[] := '{minLength, maxLength, minItems, maxItems, minProperties, maxProperties}';
  entry record;
  fault text;
begin
  if jsonb_typeof(schema_fault.schema) = 'boolean' then
    return null;
  end if;
  if jsonb_typeof(schema_fault.schema) <> 'object' then
    return format('%s is not a schema: it is an object, true or false', schema_fault.path);
  end if;
  if schema_fault.depth > 20 then
    return format('%s is more than 20 levels deep', schema_fault.path);
  end if;
  if schema_fault.depth = 1 and supaqueue_internal.json_fault(schema_fault.schema) is not null then
    return format('%s %s', schema_fault.path, supaqueue_internal.json_fault(schema_fault.schema));
  end if;
  if schema_fault.depth = 1 and supaqueue_internal.oversize(schema_fault.schema, 65536) is not null then
    return format('%s has more than 65536 bytes', schema_fault.path);
  end if;

  for entry in
    select name, value, jsonb_typeof(value) as kind, format('%s.%s', schema_fault.path, name) as path
    from jsonb_each(schema_fault.schema) as keyword (name, value)
  loop
    if entry.name = any (described) or entry.name = 'const' then
      continue;
    end if;

    fault := case
      when entry.name = 'type' and not coalesce((
        select bool_and(coalesce(wanted.name in ('null', 'boolean', 'integer', 'number', 'string', 'array', 'object'), false))
        from jsonb_array_elements_text(
          case entry.kind when 'array' then entry.value else jsonb_build_array(entry.value) end
        ) as wanted (name)
      ), false) then 'is null, boolean, integer, number, string, array or object, or an array of these'
      when entry.name = 'enum' and entry.kind <> 'array' then 'is an array'
      when entry.name = any (numbers) and entry.kind <> 'number' then 'is a number'
      when entry.name = 'multipleOf' and (entry.value #>> '{}')::numeric <= 0 then 'is above 0'
      when entry.name = any (counts) and (entry.kind <> 'number' or entry.value #>> '{}' !~ '^\d{1,9}$') then 'is a count'
      when entry.name = 'uniqueItems' and entry.kind <> 'boolean' then 'is true or false'
      when entry.name in ('pattern', 'format') and entry.kind <> 'string' then 'is a text'
      when entry.name = 'format' and entry.value #>> '{}' not in ('date-time', 'date', 'uuid', 'email', 'uri')
        then 'is date-time, date, uuid, email or uri; a pattern can say what others mean'
      when entry.name = 'required' and not coalesce(
        entry.kind = 'array' and entry.value = jsonb_path_query_array(entry.value, 'strict $[*] ? (@.type() == "string")'), false
      ) then 'is an array of names'
      when entry.name in ('allOf', 'anyOf', 'oneOf', 'prefixItems') and (entry.kind <> 'array' or entry.value = '[]')
        then 'is an array of schemas'
      when entry.name = 'properties' and entry.kind <> 'object' then 'is an object of schemas'
    end;
    if fault is not null then
      return format('%s %s', entry.path, fault);
    end if;

    if entry.name = 'pattern' then
      begin
        perform '' ~ (entry.value #>> '{}');
      exception when invalid_regular_expression then
        return format('%s is not a regular expression of PostgreSQL: %s', entry.path, sqlerrm);
      end;
    elsif entry.name = 'properties' then
      select supaqueue_internal.schema_fault(inner_schema.value, format('%s.%s', entry.path, inner_schema.key), schema_fault.depth + 1)
      into fault
      from jsonb_each(entry.value) as inner_schema
      order by 1 nulls last
      limit 1;
    elsif entry.name in ('allOf', 'anyOf', 'oneOf', 'prefixItems') then
      select supaqueue_internal.schema_fault(inner_schema.value, format('%s[%s]', entry.path, inner_schema.place - 1), schema_fault.depth + 1)
      into fault
      from jsonb_array_elements(entry.value) with ordinality as inner_schema (value, place)
      order by 1 nulls last
      limit 1;
    elsif entry.name in ('items', 'additionalProperties', 'propertyNames', 'not') then
      fault := supaqueue_internal.schema_fault(entry.value, entry.path, schema_fault.depth + 1);
    elsif entry.name <> all (numbers || counts || '{type, enum, uniqueItems, format, required}'::text[]) then
      return format('%s is not understood', entry.path);
    end if;
    if fault is not null then
      return fault;
    end if;
  end loop;
  return null;
end;
$$;

comment on function supaqueue_internal.schema_fault(jsonb, text, integer) is 'What of a JSON Schema a door could not hold payloads to, null if nothing.';
