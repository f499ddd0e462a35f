-- add_calls: two fine histograms in one: by step, the sum of both.

create or replace function supaqueue_internal.add_calls(one jsonb, other jsonb)
returns jsonb
language sql
immutable
set search_path = pg_catalog, pg_temp
as $$
  select case
    when add_calls.one = '{}' then add_calls.other
    when add_calls.other = '{}' then add_calls.one
    else (
      select jsonb_object_agg(step.place, step.times)
      from (
        select entry.key as place, least(sum(entry.value::bigint), 9007199254740991) as times
        from (
          select * from jsonb_each_text(add_calls.one)
          union all
          select * from jsonb_each_text(add_calls.other)
        ) as entry
        group by entry.key
      ) as step
    )
  end
$$;

comment on function supaqueue_internal.add_calls(jsonb, jsonb) is 'Two fine histograms in one.';
