-- check_dependency: a null in a new dependency takes the default of its column.
--
-- Of rows with unlike keys, the Data API writes null where a key is missing.

create or replace function supaqueue_internal.check_dependency()
returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  new.created_at := coalesce(new.created_at, now());
  new.on_failure := coalesce(new.on_failure, 'cancel');
  return new;
end;
$$;

comment on function supaqueue_internal.check_dependency() is 'A null in a new dependency takes the default of its column.';

drop trigger if exists on_dependency_inserted on supaqueue.job_dependency;
create trigger on_dependency_inserted
  before insert on supaqueue.job_dependency
  for each row
  when (num_nulls(new.created_at, new.on_failure) > 0)
  execute function supaqueue_internal.check_dependency();
