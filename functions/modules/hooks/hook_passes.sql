-- hook_passes: SQL that asks the condition of a hook about a pair of rows. Empty without one.
--
-- Of a side that is not there, a row of nulls: it has the columns, which null has not.

create or replace function supaqueue_internal.hook_passes(hook supaqueue.hook)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select case when hook.condition is null then '' else format(
    ' and supaqueue_internal.%I((select supaqueue_row from (select supaqueue_new.*) as supaqueue_row), (select supaqueue_row from (select supaqueue_old.*) as supaqueue_row))',
    supaqueue_internal.hook_routine(hook.id) || '_when'
  ) end
$$;

comment on function supaqueue_internal.hook_passes(supaqueue.hook) is 'SQL that asks the condition of a hook about a pair of rows.';
