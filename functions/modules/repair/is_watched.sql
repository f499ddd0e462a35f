-- is_watched: whether something of the user's runs with each row that the queue writes.
--
-- called by  chores, once they have something to do
-- reads      the catalog; locks nothing
-- writes     the setting supaqueue.watched
--
-- In place of the core's default. Looked up once for all chores of a sweep: what they have found holds for the statement
-- that called them.
-- A trigger; a rule; a function in a check, an index, a default or a generated column; a column of a domain of the user's; or
-- a foreign key, which has PostgreSQL look through the user's table, or through one of ours where no index helps. Each may take
-- seconds for each row, and nothing can end it: so chores then go row by row, and look at the time.

create or replace function supaqueue_internal.is_watched()
returns boolean
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  statement constant text := extract(epoch from statement_timestamp())::text;
  known constant text := current_setting('supaqueue.watched', true);
  watched boolean;
begin
  if starts_with(known, statement || ' ') then
    return known = statement || ' yes';
  end if;

  with ours as materialized (
    select pg_class.oid from pg_class where pg_class.relnamespace = 'supaqueue'::regnamespace and pg_class.relkind in ('r', 'p')
  ),
  expression (kind, id, tree) as (
    select pg_constraint.tableoid, pg_constraint.oid, pg_constraint.conbin from pg_constraint
    where pg_constraint.conrelid in (select ours.oid from ours) and pg_constraint.contype = 'c'
    union all
    select pg_attrdef.tableoid, pg_attrdef.oid, pg_attrdef.adbin from pg_attrdef where pg_attrdef.adrelid in (select ours.oid from ours)
    union all
    select 'pg_class'::regclass, pg_index.indexrelid, coalesce(pg_index.indexprs, pg_index.indpred) from pg_index
    where pg_index.indrelid in (select ours.oid from ours) and num_nonnulls(pg_index.indexprs, pg_index.indpred) > 0
  )
  select exists (
    select from pg_trigger
    join pg_proc on pg_proc.oid = pg_trigger.tgfoid and pg_proc.pronamespace <> 'supaqueue_internal'::regnamespace
    left join pg_class as other on other.oid = pg_trigger.tgconstrrelid
    where pg_trigger.tgrelid in (select ours.oid from ours)
      and other.relnamespace is distinct from 'supaqueue'::regnamespace
  ) or exists (
    select from pg_rewrite where pg_rewrite.ev_class in (select ours.oid from ours)
  ) or exists (
    select from pg_attribute
    join pg_type on pg_type.oid = pg_attribute.atttypid and pg_type.typtype = 'd'
    where pg_attribute.attrelid in (select ours.oid from ours)
  ) or exists (
    select from pg_constraint
    where pg_constraint.contype = 'f'
      and pg_constraint.conrelid in (select ours.oid from ours)
      and not exists (
        select from pg_index
        where pg_index.indrelid = pg_constraint.conrelid and pg_index.indkey[0] = any (pg_constraint.conkey)
      )
  ) or exists (
    -- What PostgreSQL itself brings is depended on without a word, and takes no time, but for one.
    select from expression
    where expression.tree::text like '%:funcid ' || 'pg_sleep'::regproc::oid || ' %'
      or exists (
        select from pg_depend
        where pg_depend.classid = expression.kind
          and pg_depend.objid = expression.id
          and pg_depend.refclassid in ('pg_proc'::regclass, 'pg_operator'::regclass)
          and (select pg_proc.pronamespace from pg_proc where pg_proc.oid = pg_depend.refobjid) is distinct from 'supaqueue_internal'::regnamespace
      )
  ) into watched;
  perform set_config('supaqueue.watched', concat(statement, case when watched then ' yes' else ' no' end), true);
  return watched;
end;
$$;

comment on function supaqueue_internal.is_watched() is 'Whether something of the user runs with each row that the queue writes.';
