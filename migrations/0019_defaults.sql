-- What the core does where a module may do more has a function of its own now.

-- It has an argument now.
drop function if exists supaqueue_internal.fire_deferred();
-- pair wakes runs itself, and tick as many as so many jobs need.
drop function if exists supaqueue_internal.on_current_job_started() cascade;
drop function if exists supaqueue_internal.tick(uuid);
-- note_counts counts lost leases, too.
drop function if exists supaqueue_internal.count_lost(jsonb, uuid[]);
