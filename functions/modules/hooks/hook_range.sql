-- hook_range: SQL for the rows of a table after one primary key, up to another.
--
-- `side` is what the rows are called there. Keys are arrays of texts, null for no bound. Operators are those of the key's index: a
-- comparison of rows as such would look for them by name. The first column is compared by itself as well, for the index.

create or replace function supaqueue_internal.hook_range(relation oid, side text, after jsonb, upto jsonb)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  with part as (
    select
      format('%s.%I', hook_range.side, pg_attribute.attname) as name, place, format_type(pg_attribute.atttypid, pg_attribute.atttypmod) as type,
      (
        select jsonb_object_agg(pg_amop.amopstrategy, format('operator(%I.%s)', pg_namespace.nspname, pg_operator.oprname))
        from pg_opclass
        join pg_amop on pg_amop.amopfamily = pg_opclass.opcfamily and pg_amop.amopmethod = pg_opclass.opcmethod
          and pg_amop.amoplefttype = pg_opclass.opcintype and pg_amop.amoprighttype = pg_opclass.opcintype
        join pg_operator on pg_operator.oid = pg_amop.amopopr
        join pg_namespace on pg_namespace.oid = pg_operator.oprnamespace
        where pg_opclass.oid = opclass
      ) as operators
    from pg_index
    cross join lateral unnest(pg_index.indkey::smallint[], pg_index.indclass::oid[]) with ordinality as key (attnum, opclass, place)
    join pg_attribute on pg_attribute.attrelid = pg_index.indrelid and pg_attribute.attnum = key.attnum
    where pg_index.indrelid = hook_range.relation and pg_index.indisprimary and place <= pg_index.indnkeyatts
  ),
  bound (value, beyond, open) as (
    values (hook_range.after, '5', false), (hook_range.upto, '1', true)
  )
  select coalesce(string_agg(format('%s and (%s)', outer_bound, inner_bound), ' and '), 'true')
  from (
    select
      (
        select format('%s %s %L::%s', part.name, part.operators ->> case bound.beyond when '5' then '4' else '2' end, bound.value ->> 0, part.type)
        from part where part.place = 1
      ) as outer_bound,
      (
        select string_agg(
          format('%s%s %s %L::%s', coalesce(same.text || ' and ', ''), part.name, part.operators ->> bound.beyond, bound.value ->> (part.place - 1)::integer, part.type),
          ' or ' order by part.place
        ) || case when bound.open then (
          select ' or ' || string_agg(format('%s %s %L::%s', whole.name, whole.operators ->> '3', bound.value ->> (whole.place - 1)::integer, whole.type), ' and ' order by whole.place)
          from part as whole
        ) else '' end
        from part
        cross join lateral (
          select string_agg(format('%s %s %L::%s', earlier.name, earlier.operators ->> '3', bound.value ->> (earlier.place - 1)::integer, earlier.type), ' and ' order by earlier.place) as text
          from part as earlier where earlier.place < part.place
        ) as same
      ) as inner_bound
    from bound
    where bound.value is not null
  ) as written
$$;

comment on function supaqueue_internal.hook_range(oid, text, jsonb, jsonb) is 'SQL for the rows of a table after one primary key, up to another.';
