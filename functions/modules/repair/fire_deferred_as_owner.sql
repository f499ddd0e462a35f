-- fire_deferred_as_owner: deferred foreign keys of tables whose schema the caller may not enter are looked at now.
--
-- expects    to be called within the subtransaction that is to catch what it raises
-- reads      the catalog
--
-- Turns and sweeps by hand are those of service_role, which may not enter most schemas of users, and so may not name what is
-- in there. Left to the commit, one row would undo all that was done for the others.
--
-- Security definer: to name a foreign key one must be able to enter its schema. Foreign keys alone: PostgreSQL looks at
-- them in the rights of whoever owns the tables, whoever asks. A trigger of the user's is never set off here.

create or replace function supaqueue_internal.fire_deferred_as_owner()
returns void
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  names constant text := (
    select string_agg(distinct format('%s.%I', pg_constraint.connamespace::regnamespace, pg_constraint.conname), ', ')
    from pg_constraint
    join pg_class on pg_class.oid = pg_constraint.confrelid
    where pg_class.relnamespace = 'supaqueue'::regnamespace
      and pg_constraint.contype = 'f'
      and pg_constraint.condeferred
      and has_schema_privilege(pg_constraint.connamespace, 'usage')
      -- Named together with a trigger, it would take the trigger along.
      and not exists (
        select from pg_constraint as other
        where other.connamespace = pg_constraint.connamespace and other.conname = pg_constraint.conname and other.contype <> 'f'
      )
  );
begin
  if names is not null then
    execute format('set constraints %1$s immediate; set constraints %1$s deferred', names);
  end if;
end;
$$;

comment on function supaqueue_internal.fire_deferred_as_owner() is 'Has deferred foreign keys of tables whose schema the caller may not enter looked at now.';
