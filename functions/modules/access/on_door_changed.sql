-- on_door_changed: a door was opened or closed; its role may run the functions for it, or
-- not, and Realtime is told about its jobs, or not.
--
-- Security definer: rights on functions, and triggers, are their owner's to give.

create or replace function supaqueue_internal.on_door_changed()
returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  perform supaqueue_internal.keep_doors();
  perform supaqueue_internal.keep_live();
  return null;
end;
$$;

comment on function supaqueue_internal.on_door_changed() is 'A door was opened or closed: gives or takes the rights that go with it.';

-- For each row: a queue that is deleted takes its doors along, and most have none.
drop trigger if exists on_door_changed on supaqueue.door;
create trigger on_door_changed
  after insert or delete or update of role, live on supaqueue.door
  for each row
  execute function supaqueue_internal.on_door_changed();
