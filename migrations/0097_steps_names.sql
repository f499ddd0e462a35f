-- What looks at a row before it is written begins with check. Drops triggers on supaqueue.signal and supaqueue.step, which
-- the same transaction makes again: a lock for a moment, however large the tables are.

drop trigger if exists on_signal_inserted on supaqueue.signal;
drop trigger if exists on_step_written on supaqueue.step;

drop function if exists supaqueue_internal.on_signal_inserted();
drop function if exists supaqueue_internal.on_step_written();
