-- histogram_bounds: up to how many milliseconds each step of a histogram reaches.
--
-- The same for calls, waits and turns: from one millisecond to a day. A step holds
-- what took as long as its bound or less, as Prometheus has it; one more step than there
-- are bounds holds the rest. What is kept in supaqueue.counter counts by these: to
-- change them means to begin the histograms anew.

create or replace function supaqueue_internal.histogram_bounds()
returns double precision[]
language sql
immutable
set search_path = pg_catalog, pg_temp
as $$
  select array[
    1, 2.5, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10000, 30000, 60000, 300000, 900000, 3600000, 86400000
  ]::double precision[]
$$;

comment on function supaqueue_internal.histogram_bounds() is 'Up to how many milliseconds each step of a histogram reaches.';
