-- latency: how long the calls took of which a share was as quick or quicker, in milliseconds.
--
-- Null when there was no call. Estimated within a step of the histogram, as if times lay evenly on a logarithmic scale:
-- at most 41 % off, and mostly a few percent.

create or replace function supaqueue_internal.latency(calls jsonb, share double precision)
returns double precision
language sql
immutable
set search_path = pg_catalog, pg_temp
as $$
  with
  step as (
    select
      entry.key::integer as place,
      entry.value::numeric as times,
      sum(entry.value::numeric) over (order by entry.key::integer) as up_to,
      sum(entry.value::numeric) over () as all_times
    from jsonb_each_text(latency.calls) as entry
    where entry.value <> '0'
  )
  select round(power(
    2::double precision,
    (step.place - 1 + greatest((step.all_times * latency.share::numeric - (step.up_to - step.times)) / step.times, 0)::double precision) / 2
  )::numeric, 1)::double precision
  from step
  where step.up_to >= step.all_times * latency.share::numeric
  order by step.place
  limit 1
$$;

comment on function supaqueue_internal.latency(jsonb, double precision) is 'How long the calls took of which a share was as quick or quicker, in milliseconds.';
