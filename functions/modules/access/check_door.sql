-- check_door: a schema that the door could not hold payloads to is refused, and a door
-- of anon has a limit. Nulls of a new one take the defaults of their columns: of rows with unlike
-- keys, the Data API writes null where a key is missing.
--
-- Security definer: whoever may open doors may run no other function.

create or replace function supaqueue_internal.check_door()
returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  fault constant text := case when new.schema is not null then supaqueue_internal.schema_fault(new.schema) end;
begin
  if tg_op = 'INSERT' then
    new.created_at := coalesce(new.created_at, now());
    new.max_bytes := coalesce(new.max_bytes, 65536);
    new.max_delay := coalesce(new.max_delay, '30 days');
    new.show_result := coalesce(new.show_result, false);
    new.may_cancel := coalesce(new.may_cancel, false);
    new.live := coalesce(new.live, false);
    new.may_signal := coalesce(new.may_signal, '{}');
  end if;
  if new.role = 'anon' then
    new.per_minute := coalesce(new.per_minute, 60);
  end if;
  if fault is not null then
    raise exception using
      errcode = 'SQ422',
      message = fault,
      hint = 'docs/reference/open-to-users.md lists the keywords of JSON Schema that it may have. Nothing was changed.';
  end if;
  return new;
end;
$$;

comment on function supaqueue_internal.check_door() is 'Refuses a schema that a door could not hold payloads to, and limits doors of anon.';

drop trigger if exists on_door_written on supaqueue.door;
create trigger on_door_written
  before insert or update of role, schema, per_minute on supaqueue.door
  for each row
  execute function supaqueue_internal.check_door();
