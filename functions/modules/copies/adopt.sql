-- adopt: this database is no copy any more: from now on its jobs are sent from where it is.
--
-- called by  users, once they know what waits in the copy
-- writes     supaqueue.home
--
-- What waits begins with the next sweep. To have some of it not sent, cancel it before, or pause its queue. The home is the project
-- that asked last, and was refused; if none was, the next one that asks. Returns which, or null.

create or replace function supaqueue.adopt()
returns text
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  asked constant text := (
    select home.project from supaqueue.home where not home.adopted order by home.seen_at desc, home.id limit 1
  );
begin
  delete from supaqueue.home where true;
  if asked is not null then
    insert into supaqueue.home (project) values (asked);
  end if;
  perform supaqueue_internal.note_act('adopt');
  return asked;
end;
$$;

comment on function supaqueue.adopt() is 'Lets a copy of a project run its jobs. Returns the project that it now belongs to.';
