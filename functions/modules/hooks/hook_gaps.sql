-- hook_gaps: where the triggers of hooks are not as their rows say.
--
-- reads      supaqueue.hook, pg_trigger; locks nothing
--
-- A row for each: `state` is `table`: the table is gone, and `relation` null; `foreign`: `relation` is a foreign table that is a part of it
-- now, and it can have no triggers; `missing`: the trigger is not there;
-- `disabled`: it is, and somebody switched it off; `extra`: it stands where none of this hook belongs, such as on a partition
-- that was detached. Empty when all is well.

create or replace function supaqueue_internal.hook_gaps()
returns table (hook uuid, relation oid, event text, state text)
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  with barred as materialized (
    select known.id, part.relation
    from supaqueue.hook as known
    cross join lateral supaqueue_internal.unseen_part((supaqueue_internal.hook_relations(known.schema_name, known.table_name))[1]) as part (relation)
    where part.relation is not null
  ),
  standing as materialized (
    select
      known.id, pg_trigger.tgrelid, pg_trigger.tgenabled,
      substr(pg_trigger.tgname, length(supaqueue_internal.hook_trigger(known.id, '')) + 1) as event
    from supaqueue.hook as known
    join pg_proc on pg_proc.proname = supaqueue_internal.hook_routine(known.id) and pg_proc.pronamespace = 'supaqueue_internal'::regnamespace
    join pg_trigger on pg_trigger.tgfoid = pg_proc.oid and not pg_trigger.tgisinternal
  ),
  wanted as materialized (
    select known.id, part.relation, listed.event
    from supaqueue.hook as known
    cross join lateral unnest(supaqueue_internal.hook_relations(known.schema_name, known.table_name)) as part (relation)
    cross join unnest(known.events) as listed (event)
    where not exists (select from barred where barred.id = known.id)
  )
  select known.id, null::oid, null::text, 'table'
  from supaqueue.hook as known
  where supaqueue_internal.hook_relations(known.schema_name, known.table_name) = '{}'
  union all
  select barred.id, barred.relation::oid, null::text, 'foreign' from barred
  union all
  select
    coalesce(wanted.id, standing.id), coalesce(wanted.relation, standing.tgrelid), coalesce(wanted.event, standing.event),
    case when standing.id is null then 'missing' when wanted.id is null then 'extra' else 'disabled' end
  from wanted
  full join standing on standing.id = wanted.id and standing.tgrelid = wanted.relation and standing.event = wanted.event
  where standing.id is null or wanted.id is null or standing.tgenabled in ('D', 'R')
$$;

comment on function supaqueue_internal.hook_gaps() is 'Where the triggers of hooks are not as their rows say.';
