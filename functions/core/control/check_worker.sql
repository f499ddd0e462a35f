-- check_worker: a null in a new worker takes the default of its column.
--
-- Of rows with unlike keys, the Data API writes null where a key is missing.

create or replace function supaqueue_internal.check_worker()
returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  new.id := coalesce(new.id, gen_random_uuid());
  new.created_at := coalesce(new.created_at, now());
  new.locked := coalesce(new.locked, false);
  return new;
end;
$$;

comment on function supaqueue_internal.check_worker() is 'A null in a new worker takes the default of its column.';

drop trigger if exists on_worker_inserted on supaqueue.worker;
create trigger on_worker_inserted
  before insert on supaqueue.worker
  for each row
  when (num_nulls(new.id, new.created_at, new.locked) > 0)
  execute function supaqueue_internal.check_worker();
