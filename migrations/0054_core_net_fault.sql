-- net_fault is a view: reading it calls nothing. Locks no table.

drop function if exists supaqueue_internal.net_fault();
