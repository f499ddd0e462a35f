-- check_batch: a null in a new batch takes the default of its column.
--
-- Of rows with unlike keys, the Data API writes null where a key is missing.

create or replace function supaqueue_internal.check_batch()
returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  new.id := coalesce(new.id, gen_random_uuid());
  new.created_at := coalesce(new.created_at, now());
  return new;
end;
$$;

comment on function supaqueue_internal.check_batch() is 'A null in a new batch takes the default of its column.';

drop trigger if exists on_batch_inserted on supaqueue.batch;
create trigger on_batch_inserted
  before insert on supaqueue.batch
  for each row
  when (num_nulls(new.id, new.created_at) > 0)
  execute function supaqueue_internal.check_batch();
