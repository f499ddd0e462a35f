-- hook_part: a value of a primary key as it is called within the key of a job.
--
-- called by  the functions of hooks that are ordered or coalesce
--
-- One value has one text, whoever writes: a time has no zone of its own, and neither the style of an interval nor the form of
-- bytes is the session's. Values that are equal and look unlike have one text, too: 1.0 and 1.00, a day and 24 hours, citext in
-- other letters. Null where a value cannot be said: its row is in no line, and no write fails.

create or replace function supaqueue_internal.hook_part(value anyelement)
returns text
language plpgsql
stable
set search_path = pg_catalog, pg_temp
set timezone = 'UTC'
set datestyle = 'ISO, YMD'
set intervalstyle = 'postgres'
set bytea_output = 'hex'
set extra_float_digits = 1
set lc_monetary = 'C'
set quote_all_identifiers = off
as $$
declare
  written constant jsonb := to_jsonb(hook_part.value);
  told constant text := written #>> '{}';
  base oid := pg_typeof(hook_part.value);
begin
  -- A domain is what it is made of.
  while exists (select from pg_type where pg_type.oid = base and pg_type.typtype = 'd') loop
    base := (select pg_type.typbasetype from pg_type where pg_type.oid = base);
  end loop;
  if base = 'jsonb'::regtype then
    -- The text "1" is another row than the number.
    return written;
  end if;
  if jsonb_typeof(written) = 'number' then
    return trim_scale(told::numeric);
  end if;
  if base = 'interval'::regtype then
    return justify_interval(told::interval);
  end if;
  if exists (
    select
    from pg_depend
    join pg_extension on pg_extension.oid = pg_depend.refobjid and pg_extension.extname = 'citext'
    join pg_type on pg_type.oid = pg_depend.objid and pg_type.typname = 'citext'
    where pg_depend.classid = 'pg_type'::regclass and pg_depend.objid = base
      and pg_depend.refclassid = 'pg_extension'::regclass and pg_depend.deptype = 'e'
  ) then
    return lower(told collate "default");
  end if;
  return told;
exception when assert_failure or others then
  return null;
end;
$$;

comment on function supaqueue_internal.hook_part(anyelement) is 'A value of a primary key as it is called within the key of a job.';
