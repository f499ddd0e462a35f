-- take_name: have a name to oneself until the transaction ends.
--
-- called by  modules
-- writes     supaqueue.named_lock, and nothing that anybody ever sees
--
-- The row is inserted and deleted at once: until that is committed, whoever inserts the
-- same waits, as for every unique key. supaqueue.named_lock says what the spaces are for.
-- In place of an advisory lock, whose number any role can take and keep.
--
-- Waits for at most `wait_ms`, or as long as lock_timeout of the session allows. Returns
-- whether it has the name.

create or replace function supaqueue_internal.take_name(space text, name text, wait_ms integer default null)
returns boolean
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  before constant text := current_setting('lock_timeout');
  mine tid;
begin
  perform set_config('lock_timeout', coalesce(take_name.wait_ms::text, before), true);
  insert into supaqueue.named_lock values (take_name.space, take_name.name) on conflict do nothing returning ctid into mine;
  delete from supaqueue.named_lock where ctid = mine;
  perform set_config('lock_timeout', before, true);
  return true;
exception when lock_not_available then
  if take_name.wait_ms is null then
    raise;
  end if;
  return false;
end;
$$;

comment on function supaqueue_internal.take_name(text, text, integer) is 'Has a name to itself until the transaction ends. Returns false when it had to wait too long.';
