-- shown: a JSON value, or what stands in its place when it would unfold.
--
-- called by  modules, and the console
--
-- Such a value cannot be written any more; it may stand in tables that were filled before,
-- or with triggers off.

create or replace function supaqueue_internal.shown(value jsonb)
returns jsonb
language sql
immutable
set search_path = pg_catalog, pg_temp
as $$
  select case
    when supaqueue_internal.json_fault(value) is null then value
    else jsonb_build_object('not_shown', supaqueue_internal.json_fault(value))
  end
$$;

comment on function supaqueue_internal.shown(jsonb) is 'A JSON value, or why it is not shown.';
