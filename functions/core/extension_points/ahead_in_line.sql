-- ahead_in_line: which job a job waits for in the order of its queue.
--
-- called by  modules
--
-- Null, for none: in the core jobs pass each other.

create or replace function supaqueue_internal.ahead_in_line(job supaqueue.job)
returns bigint
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  return null;
end;
$$;

comment on function supaqueue_internal.ahead_in_line(supaqueue.job) is 'Which job a job waits for in the order of its queue. Null: none.';
