-- What the core does where a module may do more has a function of its own now.

-- It has an argument now.
drop function if exists supaqueue_internal.fire_deferred();
-- note_counts counts lost leases, too.
drop function if exists supaqueue_internal.count_lost(jsonb, uuid[]);
