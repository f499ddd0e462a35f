-- claims_allowed: how many jobs of a queue its rate limit lets begin at a time.
--
-- called by  allowance
-- reads      supaqueue.rate_limit; with `locking`, holds it
--
-- In place of the core's default. Held by somebody else: 0.

create or replace function supaqueue_internal.claims_allowed(
  queue supaqueue.queue, at timestamptz, most integer, locking boolean default false
)
returns integer
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  seen supaqueue.rate_limit;
  since timestamptz;
begin
  if (claims_allowed.queue).rate_limit is null then
    return claims_allowed.most;
  end if;

  if claims_allowed.locking then
    select * into seen from supaqueue.rate_limit
    where rate_limit.name = (claims_allowed.queue).rate_limit
    for no key update skip locked;
    if not found then
      return 0;
    end if;
  else
    select * into seen from supaqueue.rate_limit where rate_limit.name = (claims_allowed.queue).rate_limit;
  end if;

  since := supaqueue_internal.rate_since(seen, claims_allowed.at);
  return case
    when since > claims_allowed.at then 0
    else least(
      claims_allowed.most,
      least(floor(extract(epoch from claims_allowed.at - since) * seen.max_rps), 1000000)::integer + 1
    )
  end;
end;
$$;

comment on function supaqueue_internal.claims_allowed(supaqueue.queue, timestamptz, integer, boolean) is 'How many jobs of a queue its rate limit lets begin at a time.';
revoke execute on function supaqueue_internal.claims_allowed(supaqueue.queue, timestamptz, integer, boolean) from public, anon, authenticated;
grant execute on function supaqueue_internal.claims_allowed(supaqueue.queue, timestamptz, integer, boolean) to service_role;
