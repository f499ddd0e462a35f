-- count_calls: how many calls bring these current jobs.
--
-- One each: in the core a call brings one job.

create or replace function supaqueue_internal.count_calls(tokens uuid[])
returns integer
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  return cardinality(count_calls.tokens);
end;
$$;

comment on function supaqueue_internal.count_calls(uuid[]) is 'How many calls bring these current jobs.';
