-- rate_left: how many jobs a rate limit lets begin at a time.
--
-- called by  allowance
-- reads      supaqueue.rate_limit; with `locking`, holds it
--
-- Held by somebody else: 0.

create or replace function supaqueue_internal.rate_left(name text, at timestamptz, locking boolean default false)
returns integer
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  seen supaqueue.rate_limit;
  since timestamptz;
begin
  if rate_left.locking then
    select * into seen from supaqueue.rate_limit where rate_limit.name = rate_left.name for no key update skip locked;
    if not found then
      return 0;
    end if;
  else
    select * into seen from supaqueue.rate_limit where rate_limit.name = rate_left.name;
  end if;

  since := supaqueue_internal.rate_since(seen, rate_left.at);
  return case
    when since > rate_left.at then 0
    else least(floor(extract(epoch from rate_left.at - since) * seen.max_rps), 1000000)::integer + 1
  end;
end;
$$;

comment on function supaqueue_internal.rate_left(text, timestamptz, boolean) is 'How many jobs a rate limit lets begin at a time.';
revoke execute on function supaqueue_internal.rate_left(text, timestamptz, boolean) from public, anon, authenticated;
grant execute on function supaqueue_internal.rate_left(text, timestamptz, boolean) to service_role;
