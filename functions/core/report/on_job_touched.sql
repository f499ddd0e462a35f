-- on_job_touched: updated_at says when a job was last written.

create or replace function supaqueue_internal.on_job_touched()
returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  new.updated_at := clock_timestamp();
  return new;
end;
$$;

comment on function supaqueue_internal.on_job_touched() is 'updated_at says when a job was last written.';

drop trigger if exists on_job_touched on supaqueue.job;
create trigger on_job_touched
  before update on supaqueue.job
  for each row
  when (new.updated_at = old.updated_at)
  execute function supaqueue_internal.on_job_touched();
