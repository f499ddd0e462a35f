-- whole_calls: the current jobs of batches, by one of each.
--
-- The ones that are given: in the core a call brings one job.

create or replace function supaqueue_internal.whole_calls(firsts uuid[])
returns uuid[]
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  return whole_calls.firsts;
end;
$$;

comment on function supaqueue_internal.whole_calls(uuid[]) is 'The current jobs of batches, by one of each.';
