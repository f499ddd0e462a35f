-- latency_step: the step of a fine histogram that a time belongs to.
--
-- Step n reaches from 2^((n - 1) / 2) to 2^(n / 2) milliseconds, so that two neighbors differ by 41 %: 0 for a
-- millisecond or less, 53 for a day or more. What is kept in supaqueue.history counts by these.

create or replace function supaqueue_internal.latency_step(ms double precision)
returns integer
language sql
immutable
set search_path = pg_catalog, pg_temp
as $$
  select case
    when latency_step.ms >= 94906265 then 53
    when latency_step.ms > 1 then ceil(2 * ln(latency_step.ms) / ln(2::double precision) - 1e-9)::integer
    else 0
  end
$$;

comment on function supaqueue_internal.latency_step(double precision) is 'The step of a fine histogram that a time in milliseconds belongs to.';
