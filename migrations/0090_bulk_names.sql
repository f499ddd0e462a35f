-- What looks at a row before it is written begins with check. Drops a trigger on supaqueue.batch, which
-- the same transaction makes again: a lock for a moment, however large the table is.

drop trigger if exists on_batch_inserted on supaqueue.batch;

drop function if exists supaqueue_internal.on_batch_inserted();
