-- on_door_written: a schema that the door could not hold payloads to is refused, and a door
-- of anon has a limit.
--
-- Security definer: whoever may open doors may run no other function.

create or replace function supaqueue_internal.on_door_written()
returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  fault constant text := supaqueue_internal.schema_fault(new.schema);
begin
  if new.role = 'anon' then
    new.per_minute := coalesce(new.per_minute, 60);
  end if;
  if fault is not null then
    raise exception using
      errcode = 'SQ422',
      message = fault,
      hint = 'functions/README.md lists the keywords of JSON Schema that a door understands. Nothing was changed.';
  end if;
  return new;
end;
$$;

comment on function supaqueue_internal.on_door_written() is 'Refuses a schema that a door could not hold payloads to, and limits doors of anon.';
revoke execute on function supaqueue_internal.on_door_written() from public, anon, authenticated;

drop trigger if exists on_door_written on supaqueue.door;
create trigger on_door_written
  before insert or update of role, schema, per_minute on supaqueue.door
  for each row
  when (new.schema is not null or new.role = 'anon')
  execute function supaqueue_internal.on_door_written();
