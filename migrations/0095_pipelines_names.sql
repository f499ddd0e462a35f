-- What looks at a row before it is written begins with check. Drops a trigger on supaqueue.job_dependency, which
-- the same transaction makes again: a lock for a moment, however large the table is.

drop trigger if exists on_dependency_inserted on supaqueue.job_dependency;

drop function if exists supaqueue_internal.on_dependency_inserted();
