-- check_rate_limit: a null in a new rate limit takes the default of its column.
--
-- Of rows with unlike keys, the Data API writes null where a key is missing.

create or replace function supaqueue_internal.check_rate_limit()
returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  new.created_at := coalesce(new.created_at, now());
  new.updated_at := coalesce(new.updated_at, now());
  new.burst := coalesce(new.burst, 1);
  new.free_at := coalesce(new.free_at, '-infinity');
  return new;
end;
$$;

comment on function supaqueue_internal.check_rate_limit() is 'A null in a new rate limit takes the default of its column.';

drop trigger if exists on_rate_limit_inserted on supaqueue.rate_limit;
create trigger on_rate_limit_inserted
  before insert on supaqueue.rate_limit
  for each row
  when (num_nulls(new.created_at, new.updated_at, new.burst, new.free_at) > 0)
  execute function supaqueue_internal.check_rate_limit();
