-- Which row a change is of depends on the types of its key, which this function is told besides. Locks no table.

drop function if exists supaqueue_internal.hook_key(text, jsonb, text[]);
