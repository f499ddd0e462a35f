-- from_ms: milliseconds of a request as an interval. Null when there are none.
--
-- No further than 1e12 seconds, which every time of ours refuses with a reason: what is beyond an interval has none.

create or replace function supaqueue_internal.from_ms(ms text)
returns interval
language sql
immutable
strict
set search_path = pg_catalog, pg_temp
as $$
  select least(from_ms.ms::double precision / 1000, 1e12) * interval '1 second'
$$;

comment on function supaqueue_internal.from_ms(text) is 'Milliseconds of a request as an interval.';
