-- wait_ms: how long until a rate limit lets the next job begin, in milliseconds.
--
-- called by  supaqueue_turn, for the run that would look in vain before

create or replace function supaqueue_internal.wait_ms(name text)
returns integer
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
  return (
    select greatest(0, least(
      ceil(extract(epoch from supaqueue_internal.rate_since(rate_limit, clock_timestamp()) - clock_timestamp()) * 1000), 60000
    ))::integer
    from supaqueue.rate_limit
    where rate_limit.name = wait_ms.name
  );
end;
$$;

comment on function supaqueue_internal.wait_ms(text) is 'How long until a rate limit lets the next job begin.';
revoke execute on function supaqueue_internal.wait_ms(text) from public, anon, authenticated;
grant execute on function supaqueue_internal.wait_ms(text) to service_role;
