-- rate_left: how many jobs a rate limit lets begin at a time.
--
-- called by  allowance
-- reads      supaqueue.rate_limit; with `locking`, holds it
--
-- One after another at even distances, as the generic cell rate algorithm has it:
-- free_at is when the next may begin. What was not begun in time is made up for, but
-- for a quarter of a second only, as long as a look may be late; and what `burst`
-- allows after a pause. Held by somebody else: 0. A limit that is gone limits nothing.

create or replace function supaqueue.rate_left(name text, at timestamptz, locking boolean default false)
returns integer
language plpgsql
set search_path = ''
as $$
declare
  seen supaqueue.rate_limit;
  each interval;
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

  each := interval '1 second' / seen.max_rps;
  since := greatest(seen.free_at, rate_left.at - interval '250 milliseconds' - (seen.burst - 1) * each);
  return case
    when since > rate_left.at then 0
    else least(floor(extract(epoch from rate_left.at - since) / extract(epoch from each)), 1000000)::integer + 1
  end;
end;
$$;

comment on function supaqueue.rate_left(text, timestamptz, boolean) is 'How many jobs a rate limit lets begin at a time.';
revoke execute on function supaqueue.rate_left(text, timestamptz, boolean) from public, anon, authenticated;
grant execute on function supaqueue.rate_left(text, timestamptz, boolean) to service_role;
