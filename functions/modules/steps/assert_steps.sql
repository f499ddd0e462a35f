-- assert_steps: what a function says of its steps can be kept.
--
-- A list of at most 1000 objects, each with a name, a place and numbers that fit; a result
-- has at most 256 kB. All else in them is a short text, a number, true, false or null: read as a column, a list would be
-- written out, whatever it unfolds to. Errors: SQ413, SQ422.

create or replace function supaqueue_internal.assert_steps(steps jsonb)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  entry record;
  fault text;
begin
  if jsonb_typeof(assert_steps.steps) is distinct from 'array' or jsonb_array_length(assert_steps.steps) > 1000 then
    raise exception using
      errcode = 'SQ422',
      message = 'steps come as a list of at most 1000',
      hint = 'Nothing was changed. Write them in several calls.';
  end if;

  for entry in
    select value -> 'name' as name, value -> 'place' as place, value -> 'result' as result, value
    from jsonb_array_elements(assert_steps.steps) as item (value)
  loop
    if jsonb_typeof(entry.name) is distinct from 'string' or length(entry.name #>> '{}') not between 1 and 200
      or jsonb_typeof(entry.place) is distinct from 'number'
    then
      raise exception using
        errcode = 'SQ422',
        message = 'a step has a name of 1 to 200 characters, and a place',
        hint = 'Nothing was changed. Give the step a short name that says what it does.';
    end if;

    if entry.value - 'result' @? 'strict $.* ? (@.type() == "object" || @.type() == "array")'
      or supaqueue_internal.json_fault(entry.value - 'result') is not null
      or jsonb_typeof(coalesce(entry.value -> 'key', '""')) not in ('string', 'null')
      or length(entry.value ->> 'key') > 200
    then
      raise exception using
        errcode = 'SQ422',
        message = format('the step %s has a field that no step has', entry.name #>> '{}'),
        hint = 'Nothing was changed. Beside its result a step has texts, numbers, true and false; a key has at most 200 characters.';
    end if;

    fault := supaqueue_internal.json_fault(entry.result);
    if fault is not null then
      raise exception using
        errcode = 'SQ422',
        message = format('the result of the step %s %s', entry.name #>> '{}', fault),
        hint = 'Nothing was changed. Return such a number as a text, and nest less deeply.';
    end if;

    fault := supaqueue_internal.oversize(entry.result, 262144);
    if fault is not null then
      raise exception using
        errcode = 'SQ413',
        message = format('the result of the step %s has %s bytes, and a step keeps at most 262144', entry.name #>> '{}', fault),
        hint = 'Nothing was changed. Put large data into Storage or a table within the step, and return its location.';
    end if;
  end loop;
end;
$$;

comment on function supaqueue_internal.assert_steps(jsonb) is 'Raises unless what a function says of its steps can be kept.';
