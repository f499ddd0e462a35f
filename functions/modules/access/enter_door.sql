-- enter_door: who comes to a queue by a door, and one use of the door is charged to them.
--
-- expects    to come before anything of the call is looked at
-- writes     supaqueue.door_use
--
-- `door` is null for service_role, which needs none and is charged nothing. Of all others
-- the user's per_minute is charged (of anon, that of all together), and the per_address of
-- where they call from. Who is refused by one of the two is charged neither.
-- Errors: SQ403, SQ404, SQ429; each undoes the charge.

create or replace function supaqueue_internal.enter_door(queue text, out user_id uuid, out door supaqueue.door)
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  self record;
  address uuid;
  by_address supaqueue.door;
begin
  self := supaqueue_internal.caller();
  if self.role = 'service_role' then
    return;
  end if;
  enter_door.user_id := self.user_id;
  enter_door.door := supaqueue_internal.find_door(enter_door.queue, self.role);

  if (enter_door.door).per_minute is not null then
    perform supaqueue_internal.spend_use(
      enter_door.door, coalesce(self.user_id, '00000000-0000-0000-0000-000000000000')
    );
  end if;
  if (enter_door.door).per_address is not null then
    address := supaqueue_internal.caller_address();
    if address is not null then
      by_address := enter_door.door;
      by_address.per_minute := by_address.per_address;
      perform supaqueue_internal.spend_use(by_address, address);
    end if;
  end if;
end;
$$;

comment on function supaqueue_internal.enter_door(text) is 'Who comes by a door, and which; charges one use of it.';
