-- hook_level: how much of a change its queue takes.
--
-- called by  the functions of hooks, for what is not plainly small
--
-- 0: all of it; 1: `lesser`, which has only the keys; 2: not even those. A `body` of null was too wide to be
-- written out at all.

create or replace function supaqueue_internal.hook_level(body jsonb, lesser jsonb, most integer)
returns integer
language sql
immutable
set search_path = pg_catalog, pg_temp
as $$
  select case
    when body is not null and supaqueue_internal.json_fault(body) is null and supaqueue_internal.oversize(body, most) is null then 0
    when supaqueue_internal.json_fault(lesser) is null and supaqueue_internal.oversize(lesser, most) is null then 1
    else 2
  end
$$;

comment on function supaqueue_internal.hook_level(jsonb, jsonb, integer) is 'How much of a change its queue takes: 0 all of it, 1 the keys, 2 nothing of the row.';
