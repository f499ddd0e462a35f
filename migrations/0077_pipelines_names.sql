-- A function and a trigger are called by the words of the glossary. Locks supaqueue.heartbeat, which has a row for each
-- queue, for a moment.

drop function if exists supaqueue_internal.mend_dependencies(integer);
drop trigger if exists on_pulse_kept on supaqueue.heartbeat;
