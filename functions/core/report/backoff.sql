-- backoff: how long to wait before a job is tried again.
--
-- After the n-th attempt base * factor^(n-1), at most `max_ms`, spread by up to a
-- quarter either way so that jobs that failed together do not come back together.

create or replace function supaqueue_internal.backoff(attempts integer, base_ms integer, factor double precision, max_ms integer)
returns interval
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  return least(max_ms, base_ms * factor ^ least(greatest(attempts - 1, 0), 100))
    * (0.75 + random() * 0.5)
    * interval '1 millisecond';
end;
$$;

comment on function supaqueue_internal.backoff(integer, integer, double precision, integer) is 'How long to wait before a job is tried again.';
