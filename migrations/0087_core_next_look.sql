-- Who leads a queue asks for itself alone: of another run that is to come back it needs to know nothing. Locks no table.

drop function if exists supaqueue_internal.next_look(uuid, uuid);
