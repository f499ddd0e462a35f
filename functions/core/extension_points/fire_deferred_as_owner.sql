-- fire_deferred_as_owner: foreign keys of tables whose schema the caller may not enter are looked at by the commit.

create or replace function supaqueue_internal.fire_deferred_as_owner()
returns void
language sql
set search_path = pg_catalog, pg_temp
as $$ select null::void $$;

comment on function supaqueue_internal.fire_deferred_as_owner() is 'Leaves to the commit the foreign keys of tables whose schema the caller may not enter.';
