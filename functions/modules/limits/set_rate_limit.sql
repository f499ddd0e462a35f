-- set_rate_limit: how many jobs a second may be begun under a name.
--
-- called by  users
-- writes     supaqueue.rate_limit; its trigger wakes the queues that have it
--
-- `max_rps` may be a fraction; `burst` is how many may be begun at once after a
-- pause. A queue has the limit when its rate_limit names it; several may share one.
-- May be called at any time: it holds from the next look on. Errors: SQ422.

create or replace function supaqueue.set_rate_limit(name text, max_rps double precision, burst integer default 1)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  if not coalesce(set_rate_limit.max_rps >= 0.000001 and set_rate_limit.max_rps <= 100000 and set_rate_limit.burst > 0, false)
    or coalesce(set_rate_limit.name, '') = '' or length(set_rate_limit.name) > 200
  then
    raise exception using
      errcode = 'SQ422',
      message = 'a rate limit has a name of at most 200 letters, a max_rps of 0.000001 to 100000, and a burst of 1 or more',
      hint = 'Slower than one a second is a fraction: 0.2 is one in five seconds. Nothing was changed.';
  end if;

  insert into supaqueue.rate_limit (name, max_rps, burst)
  values (set_rate_limit.name, set_rate_limit.max_rps, set_rate_limit.burst)
  on conflict on constraint rate_limit_pkey do update
  set max_rps = excluded.max_rps, burst = excluded.burst, updated_at = clock_timestamp();
end;
$$;

comment on function supaqueue.set_rate_limit(text, double precision, integer) is 'Sets how many jobs may start per second, under a name that queues share.';
