-- What looks at a row before it is written begins with check. Drops a trigger on supaqueue.door, which
-- the same transaction makes again: a lock for a moment, however large the table is.

drop trigger if exists on_door_written on supaqueue.door;

drop function if exists supaqueue_internal.on_door_written();
