-- foreign_type: a column of one of these tables whose values somebody else could have run what they like.
--
-- reads      pg_attribute, pg_type
--
-- Who owns a type may say what becomes of it as JSON, by a cast with a function of theirs, and a hook would run
-- that as its owner. So the types of all columns, and what those are made of, belong to the owner, to a
-- superuser, or are the platform's. Null when they do; otherwise {column, type, owner}.

create or replace function supaqueue_internal.foreign_type(relations oid[])
returns jsonb
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  with recursive part as (
    select pg_attribute.attname::text as column_name, pg_attribute.atttypid as type
    from pg_attribute
    where pg_attribute.attrelid = any (foreign_type.relations) and pg_attribute.attnum > 0 and not pg_attribute.attisdropped
    union
    select part.column_name, inner_part.type
    from part
    join pg_type on pg_type.oid = part.type and pg_type.typnamespace <> 'pg_catalog'::regnamespace
    cross join lateral (
      select unnest(array[pg_type.typelem, pg_type.typbasetype])
      union all
      select pg_attribute.atttypid
      from pg_attribute
      where pg_attribute.attrelid = pg_type.typrelid and pg_attribute.attnum > 0 and not pg_attribute.attisdropped
    ) as inner_part (type)
    where inner_part.type <> 0
  )
  select jsonb_build_object('column', part.column_name, 'type', format_type(part.type, null), 'owner', pg_roles.rolname)
  from part
  join pg_type on pg_type.oid = part.type
  join pg_namespace on pg_namespace.oid = pg_type.typnamespace
  join pg_roles on pg_roles.oid = pg_type.typowner
  where pg_roles.rolname <> current_user and not pg_roles.rolsuper
    and not (pg_namespace.nspname in ('auth', 'storage') and pg_roles.rolname in ('supabase_auth_admin', 'supabase_storage_admin'))
  order by part.column_name
  limit 1
$$;

comment on function supaqueue_internal.foreign_type(oid[]) is 'A column of a type that belongs to somebody else. Null when there is none.';
