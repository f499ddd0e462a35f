-- wait_for: a job that was just enqueued is to wait for others.
--
-- Refused: in the core no job waits for another. Errors: SQ501.

create or replace function supaqueue_internal.wait_for(job bigint, sources bigint[])
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  raise exception using
    errcode = 'SQ501',
    message = 'jobs cannot wait for other jobs here: depends_on needs a module that is not installed',
    hint = 'Nothing was changed. Enqueue it without depends_on, or install all of supaqueue.';
end;
$$;

comment on function supaqueue_internal.wait_for(bigint, bigint[]) is 'A job that was just enqueued is to wait for others.';
