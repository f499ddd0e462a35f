-- lock_keys: hold what whoever begins jobs with a concurrency key must hold.
--
-- A row of the queue, and none of a key: a claim counts all keys. Held until the
-- transaction ends, and never waited for. Returns whether it was free.

create or replace function supaqueue_internal.lock_keys(queue uuid)
returns boolean
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  perform from supaqueue.key_lock where key_lock.queue = lock_keys.queue for no key update skip locked;
  return found;
end;
$$;

comment on function supaqueue_internal.lock_keys(uuid) is 'Holds the row of a queue that whoever begins jobs with a concurrency key must hold. Returns whether it was free.';
