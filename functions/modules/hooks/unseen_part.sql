-- unseen_part: a foreign table among the partitions and children of a table. Null when there is none.
--
-- PostgreSQL shows no trigger of a table what changes there, and refuses any write to it beside a hook.

create or replace function supaqueue_internal.unseen_part(relation oid)
returns regclass
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  with recursive tree as (
    select pg_inherits.inhrelid from pg_inherits where pg_inherits.inhparent = unseen_part.relation
    union
    select pg_inherits.inhrelid from tree join pg_inherits on pg_inherits.inhparent = tree.inhrelid
  )
  select pg_class.oid::regclass
  from tree
  join pg_class on pg_class.oid = tree.inhrelid and pg_class.relkind = 'f'
  order by pg_class.oid
  limit 1
$$;

comment on function supaqueue_internal.unseen_part(oid) is 'A foreign table among the partitions and children of a table.';
