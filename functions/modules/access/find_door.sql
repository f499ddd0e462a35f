-- find_door: the door of a queue that a role may use.
--
-- reads      supaqueue.queue, supaqueue.door
--
-- A queue that does not exist and one that is not open are the same to a stranger.
-- Errors: SQ404.

create or replace function supaqueue_internal.find_door(queue text, role text)
returns supaqueue.door
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
  found_door supaqueue.door;
begin
  select door.* into found_door
  from supaqueue.queue
  join supaqueue.door on door.queue = queue.id
  where queue.name = find_door.queue
    and door.role = find_door.role;
  if found_door.queue is null and find_door.queue ~* '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' then
    select * into found_door
    from supaqueue.door
    where door.queue = find_door.queue::uuid
      and door.role = find_door.role;
  end if;
  if found_door.queue is null then
    raise exception using
      errcode = 'SQ404',
      message = format('there is no queue %s that you may enqueue to', coalesce(quote_literal(left(find_door.queue, 200)), 'null')),
      hint = 'Nothing was changed. The owner of the project opens queues with supaqueue.allow.';
  end if;
  return found_door;
end;
$$;

comment on function supaqueue_internal.find_door(text, text) is 'The door of a queue that a role may use.';
