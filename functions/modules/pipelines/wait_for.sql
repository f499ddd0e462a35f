-- wait_for: a job that was just enqueued waits until others have ended.
--
-- writes     what depend writes
--
-- In place of the core's default.

create or replace function supaqueue_internal.wait_for(job bigint, sources bigint[])
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  perform supaqueue.depend(wait_for.job, wait_for.sources);
end;
$$;

comment on function supaqueue_internal.wait_for(bigint, bigint[]) is 'A job that was just enqueued waits until others have ended.';
