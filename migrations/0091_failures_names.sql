-- What looks at a row before it is written begins with check. Drops a trigger on supaqueue.bulk_action, which
-- the same transaction makes again: a lock for a moment, however large the table is.

drop trigger if exists on_bulk_action_written on supaqueue.bulk_action;

drop function if exists supaqueue_internal.on_bulk_action_written();
