-- What looks at a row before it is written begins with check. Drops a trigger on supaqueue.subscription, which
-- the same transaction makes again: a lock for a moment, however large the table is.

drop trigger if exists on_subscription_written on supaqueue.subscription;

drop function if exists supaqueue_internal.on_subscription_written();
