-- find_hook_table: the table that a hook is to be made on.
--
-- Errors: SQ403 it, or a type of it, is somebody else's, SQ404 there is none, SQ422 it is none that can have a hook.

create or replace function supaqueue_internal.find_hook_table("table" text)
returns oid
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
  found_at oid;
  relation record;
  tree oid[];
  foreign_part jsonb;
begin
  begin
    found_at := to_regclass(find_hook_table."table");
  exception when assert_failure or others then
    null;
  end;
  select pg_class.relkind, pg_class.relpersistence, pg_namespace.nspname, pg_class.oid::regclass as name
  into relation
  from pg_class
  join pg_namespace on pg_namespace.oid = pg_class.relnamespace
  where pg_class.oid = found_at;

  if relation is null then
    raise exception using
      errcode = 'SQ404',
      message = format('there is no table %s', coalesce(quote_literal(find_hook_table."table"), 'null')),
      hint = 'Write it with its schema: ''public.photos''. Nothing was changed.';
  end if;
  if relation.relkind not in ('r', 'p') or relation.relpersistence = 't'
    or relation.nspname in ('supaqueue', 'supaqueue_internal', 'pg_catalog', 'information_schema')
  then
    raise exception using
      errcode = 'SQ422',
      message = format('%s can have no hook', relation.name),
      hint = 'A hook is for a table, partitioned or not, that is neither temporary nor one of the system or of supaqueue. Nothing was changed.';
  end if;

  if supaqueue_internal.unseen_part(found_at) is not null then
    raise exception using
      errcode = 'SQ422',
      message = format('%s can have no hook: %s, which is a part of it, is a foreign table', relation.name, supaqueue_internal.unseen_part(found_at)),
      hint = 'PostgreSQL shows no trigger what changes there, and would refuse your writes. Make hooks on the other parts, and write to them by their names. Nothing was changed.';
  end if;
  for relation in
    select pg_attribute.attname as column_name, pg_class.oid::regclass as name
    from pg_attribute join pg_class on pg_class.oid = pg_attribute.attrelid
    where pg_attribute.attrelid = found_at and not pg_attribute.attisdropped and pg_attribute.attname = any (supaqueue_internal.hook_names())
    limit 1
  loop
    raise exception using
      errcode = 'SQ422',
      message = format('%s can have no hook: its column %I has a name that the hook needs itself', relation.name, relation.column_name),
      hint = 'Nothing was changed. ' || format('Call it something else: alter table %s rename column %I to ...;', relation.name, relation.column_name);
  end loop;

  select supaqueue_internal.hook_relations(pg_namespace.nspname, pg_class.relname) into tree
  from pg_class join pg_namespace on pg_namespace.oid = pg_class.relnamespace
  where pg_class.oid = found_at;
  select part.oid::regclass as name, pg_roles.rolname as owner into relation
  from pg_class as part
  join pg_namespace on pg_namespace.oid = part.relnamespace
  join pg_roles on pg_roles.oid = part.relowner
  where part.oid = any (tree) and pg_roles.rolname <> current_user and not pg_roles.rolsuper
    and not (pg_namespace.nspname in ('auth', 'storage') and pg_roles.rolname in ('supabase_auth_admin', 'supabase_storage_admin'))
  limit 1;
  if relation is not null then
    raise exception using
      errcode = 'SQ403',
      message = format('%s belongs to %I, who could make supaqueue run anything', relation.name, relation.owner),
      hint = 'Nothing was changed. ' || format('To give it to %1$I: alter table %2$s owner to %1$I;', current_user, relation.name);
  end if;

  foreign_part := supaqueue_internal.foreign_type(tree);
  if foreign_part is not null then
    raise exception using
      errcode = 'SQ403',
      message = format(
        'the type %s of the column %I belongs to %I, who could make supaqueue run anything',
        foreign_part ->> 'type', foreign_part ->> 'column', foreign_part ->> 'owner'
      ),
      hint = 'Nothing was changed. ' || format('To give it to %1$I: alter type %2$s owner to %1$I;', current_user, foreign_part ->> 'type');
  end if;
  return found_at;
end;
$$;

comment on function supaqueue_internal.find_hook_table(text) is 'The table that a hook is to be made on.';
