-- blocks_line: whether a failed job keeps those after it waiting.
--
-- False: in the core a job that has failed is in nobody's way.

create or replace function supaqueue_internal.blocks_line(job supaqueue.job)
returns boolean
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
  return false;
end;
$$;

comment on function supaqueue_internal.blocks_line(supaqueue.job) is 'Whether a failed job keeps those after it waiting.';
