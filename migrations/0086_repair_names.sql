-- A function is called by what it says: that a lock was not had in time. Locks no table.

drop function if exists supaqueue_internal.has_waited();
