-- next_claim_ms: how long until the rate limit of a queue lets its next job begin, in milliseconds.
--
-- reads      supaqueue.rate_limit
--
-- In place of the core's default. Null without a limit.

create or replace function supaqueue_internal.next_claim_ms(queue supaqueue.queue)
returns integer
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
  if (next_claim_ms.queue).rate_limit is null then
    return null;
  end if;
  return (
    select greatest(0, least(
      ceil(extract(epoch from supaqueue_internal.rate_since(rate_limit, clock_timestamp()) - clock_timestamp()) * 1000), 60000
    ))::integer
    from supaqueue.rate_limit
    where rate_limit.name = (next_claim_ms.queue).rate_limit
  );
end;
$$;

comment on function supaqueue_internal.next_claim_ms(supaqueue.queue) is 'How long until the rate limit of a queue lets its next job begin.';
