-- hook_keys: the columns of a table's primary key, and the operators that say whether two are equal.
--
-- reads      pg_index and what it refers to
--
-- Empty without a primary key. Operators are those of the index, by their schemas: with the search
-- path of our functions, `=` of a type from elsewhere is not found, or is another.

create or replace function supaqueue_internal.hook_keys(relation oid, out names text[], out operators text[])
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select
    coalesce(array_agg(pg_attribute.attname::text order by part.place), '{}'),
    coalesce(array_agg(format('operator(%I.%s)', operator_schema.nspname, pg_operator.oprname) order by part.place), '{}')
  from pg_index
  cross join lateral unnest(pg_index.indkey::smallint[], pg_index.indclass::oid[]) with ordinality as part (attnum, opclass, place)
  join pg_attribute on pg_attribute.attrelid = pg_index.indrelid and pg_attribute.attnum = part.attnum
  join pg_opclass on pg_opclass.oid = part.opclass
  join pg_amop on pg_amop.amopfamily = pg_opclass.opcfamily and pg_amop.amopstrategy = 3
    and pg_amop.amoplefttype = pg_opclass.opcintype and pg_amop.amoprighttype = pg_opclass.opcintype
  join pg_operator on pg_operator.oid = pg_amop.amopopr
  join pg_namespace as operator_schema on operator_schema.oid = pg_operator.oprnamespace
  where pg_index.indrelid = hook_keys.relation and pg_index.indisprimary and part.place <= pg_index.indnkeyatts
$$;

comment on function supaqueue_internal.hook_keys(oid) is 'The columns of a primary key, and the operators that compare them.';
