-- hook_relations: the relations that the triggers of a hook stand on: its table, and its partitions.
--
-- A statement fires the triggers of the relation that it names, and of no other: whoever writes
-- into a partition by its name passes by the parent's. Empty when the table is gone.

create or replace function supaqueue_internal.hook_relations(schema_name text, table_name text)
returns oid[]
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  with recursive tree as (
    select pg_class.oid
    from pg_class
    join pg_namespace on pg_namespace.oid = pg_class.relnamespace
    where pg_namespace.nspname = hook_relations.schema_name and pg_class.relname = hook_relations.table_name
      and pg_class.relkind in ('r', 'p')
    union all
    select pg_inherits.inhrelid
    from tree
    join pg_inherits on pg_inherits.inhparent = tree.oid
    join pg_class as leaf on leaf.oid = pg_inherits.inhrelid and leaf.relispartition and leaf.relkind in ('r', 'p')
  )
  select coalesce(array_agg(tree.oid), '{}') from tree
$$;

comment on function supaqueue_internal.hook_relations(text, text) is 'The table of a hook, and its partitions.';
