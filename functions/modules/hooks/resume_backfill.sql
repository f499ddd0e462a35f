-- resume_backfill: a backfill goes on where it is.
--
-- called by  users
-- writes     what switch_backfill writes
--
-- After the last row that was looked at. Returns whether that changed anything. Errors: SQ404.

create or replace function supaqueue.resume_backfill(backfill bigint)
returns boolean
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  return supaqueue_internal.switch_backfill(resume_backfill.backfill, 'running');
end;
$$;

comment on function supaqueue.resume_backfill(bigint) is 'Resumes a backfill where it stopped. Returns whether that changed anything.';
