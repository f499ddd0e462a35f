-- is_own_project: whether the dispatcher of this project may have jobs of this database.
--
-- writes     supaqueue.home
--
-- In place of the core's default.
-- The first project that asks is its home, and goes along with a dump, a clone or a branch: the dispatcher of the copy is
-- another's, and gets nothing until supaqueue.adopt(). So a copy sends no mail twice. A hosted project is known by its address, which
-- stays the same when the platform moves or upgrades its database. Others may all have one address, such as http://kong:8000: they are
-- known by the system identifier of their database. A dispatcher that does not say where it is, is of an older release.

create or replace function supaqueue_internal.is_own_project(project text)
returns boolean
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  here constant text := case
    when lower(is_own_project.project) ~ '^https://[a-z0-9-]+[.]supabase[.][a-z]+$' then lower(is_own_project.project)
    else concat('system ', (select state.system_identifier from pg_control_system() as state))
  end;
begin
  if is_own_project.project is null then
    return true;
  end if;
  if not exists (select from supaqueue.home where home.adopted) then
    insert into supaqueue.home (project) values (here);
    return true;
  end if;
  if not exists (select from supaqueue.home where home.adopted and home.project <> here) then
    return true;
  end if;

  if not exists (select from supaqueue.home where home.project = here and not home.adopted) then
    insert into supaqueue.home (project, adopted) values (here, false);
  else
    update supaqueue.home set seen_at = clock_timestamp()
    where home.id = any (array(
      select held.id from supaqueue.home as held
      where held.project = here and not held.adopted
        and held.seen_at not between clock_timestamp() - interval '1 second' and clock_timestamp()
      for no key update skip locked
    ));
  end if;
  return false;
end;
$$;

comment on function supaqueue_internal.is_own_project(text) is 'Whether the dispatcher of a project may have jobs of this database.';
