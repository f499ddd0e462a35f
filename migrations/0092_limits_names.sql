-- What looks at a row before it is written begins with check. Drops a trigger on supaqueue.rate_limit, which
-- the same transaction makes again: a lock for a moment, however large the table is.

drop trigger if exists on_rate_limit_inserted on supaqueue.rate_limit;

drop function if exists supaqueue_internal.on_rate_limit_inserted();
