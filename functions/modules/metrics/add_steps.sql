-- add_steps: two histograms in one: step by step, the sum of both.
--
-- One that is null, empty or shorter counts as 0 where it has no step.

create or replace function supaqueue_internal.add_steps(one bigint[], other bigint[])
returns bigint[]
language sql
immutable
set search_path = pg_catalog, pg_temp
as $$
  select coalesce(array_agg(least(coalesce(step.one, 0), 9007199254740991) + least(coalesce(step.other, 0), 9007199254740991) order by step.place), '{}')
  from unnest(add_steps.one, add_steps.other) with ordinality as step (one, other, place)
$$;

comment on function supaqueue_internal.add_steps(bigint[], bigint[]) is 'Two histograms in one.';
