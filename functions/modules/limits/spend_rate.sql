-- spend_rate: so many jobs of a rate limit have been begun.
--
-- called by  pair, which holds the limit
-- writes     supaqueue.rate_limit

create or replace function supaqueue_internal.spend_rate(name text, at timestamptz, jobs integer)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  update supaqueue.rate_limit
  set free_at = supaqueue_internal.rate_since(rate_limit, spend_rate.at) + least(spend_rate.jobs / rate_limit.max_rps, 3e9) * interval '1 second'
  where rate_limit.name = spend_rate.name;
end;
$$;

comment on function supaqueue_internal.spend_rate(text, timestamptz, integer) is 'Notes that so many jobs of a rate limit have been begun.';
revoke execute on function supaqueue_internal.spend_rate(text, timestamptz, integer) from public, anon, authenticated;
grant execute on function supaqueue_internal.spend_rate(text, timestamptz, integer) to service_role;
