-- on_jobs_gone: jobs were deleted. The signals that were sent to them, or that they have taken, go along.
--
-- Security definer: whoever may delete jobs may not write signals.

create or replace function supaqueue_internal.on_jobs_gone()
returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  delete from supaqueue.signal as entry where entry.job in (select gone.id from gone);
  delete from supaqueue.signal as entry where entry.taken_by in (select gone.id from gone);
  return null;
end;
$$;

comment on function supaqueue_internal.on_jobs_gone() is 'Jobs were deleted: their signals go along.';

drop trigger if exists on_jobs_gone on supaqueue.job;
create trigger on_jobs_gone
  after delete on supaqueue.job
  referencing old table as gone
  for each statement
  execute function supaqueue_internal.on_jobs_gone();
