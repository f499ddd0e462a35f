-- What looks at a row before it is written begins with check. Drops a trigger on supaqueue.history, which
-- the same transaction makes again: a lock for a moment, however large the table is.

drop trigger if exists on_history_written on supaqueue.history;

drop function if exists supaqueue_internal.on_history_written();
