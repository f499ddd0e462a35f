-- Functions are called by what they do: one that looks at a row before it is written begins with check, and what has to do
-- with one lock is not called by another word. Drops triggers on supaqueue.queue, supaqueue.job and supaqueue.worker, which
-- the same transaction makes again: a lock of each for a moment, however large the tables are.

drop trigger if exists on_queue_written on supaqueue.queue;
drop trigger if exists on_job_inserted on supaqueue.job;
drop trigger if exists on_job_changed on supaqueue.job;
drop trigger if exists on_job_written on supaqueue.job;

drop function if exists supaqueue_internal.on_queue_written();
drop function if exists supaqueue_internal.on_job_inserted();
drop function if exists supaqueue_internal.on_job_changed();
drop function if exists supaqueue_internal.on_job_written();
drop function if exists supaqueue_internal.keep_keys(supaqueue.job);
drop function if exists supaqueue_internal.may_fall_asleep(uuid);
drop function if exists supaqueue_internal.carry(uuid[], integer);
drop function if exists supaqueue_internal.hold_call(uuid);
drop function if exists supaqueue_internal.fire_closed();
drop function if exists supaqueue_internal.at_home(text);
