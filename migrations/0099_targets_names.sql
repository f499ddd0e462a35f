-- What looks at a row before it is written begins with check. Drops a trigger on supaqueue.queue, which
-- the same transaction makes again: a lock for a moment, however large the table is.

drop trigger if exists on_queue_target_written on supaqueue.queue;

drop function if exists supaqueue_internal.on_queue_target_written();
