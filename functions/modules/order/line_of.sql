-- line_of: in which line of its queue a job stands.
--
-- called by  all that writes or reads places in line
--
-- The concurrency_key after =; the id after # of a job without one, which has a line to itself; empty where the whole
-- queue is one line. Null where the queue is not ordered.

create or replace function supaqueue_internal.line_of(ordered text, concurrency_key text, job bigint)
returns text
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $$
begin
  return case
    when line_of.ordered = 'queue' then ''
    when line_of.ordered = 'key' and line_of.concurrency_key is null then concat('#', line_of.job)
    when line_of.ordered = 'key' then concat('=', line_of.concurrency_key)
  end;
end;
$$;

comment on function supaqueue_internal.line_of(text, text, bigint) is 'In which line of its queue a job stands. Null where the queue is not ordered.';
