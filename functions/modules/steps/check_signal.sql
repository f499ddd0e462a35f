-- check_signal: a signal that is inserted by hand, or changed, is one that a function can be given.
--
-- A null takes the default of its column: of rows with unlike keys, the Data API writes null
-- where a key is missing. Errors: SQ413, SQ422.

create or replace function supaqueue_internal.check_signal()
returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  bytes constant text := supaqueue_internal.oversize(new.payload, 262144);
begin
  new.created_at := coalesce(new.created_at, now());
  new.payload := coalesce(new.payload, 'null');
  new.late := coalesce(new.late, false);
  perform supaqueue_internal.assert_json('the payload', new.payload);
  if bytes is not null then
    raise exception using
      errcode = 'SQ413',
      message = format('the payload has %s bytes, and a signal carries at most 262144', bytes),
      hint = 'Nothing was changed. Put large data into Storage or a table, and only its location into the payload.';
  end if;
  return new;
end;
$$;

comment on function supaqueue_internal.check_signal() is 'Gives nulls the defaults of their columns, and refuses a payload that no function can be given.';

drop trigger if exists on_signal_inserted on supaqueue.signal;
create trigger on_signal_inserted
  before insert or update of payload on supaqueue.signal
  for each row
  execute function supaqueue_internal.check_signal();
