-- A value of a key is said by its type as the row has it, not read back from a body, which is in the style of whoever writes. Locks
-- no table.

drop function if exists supaqueue_internal.hook_key(text, jsonb, text[], text[]);
drop function if exists supaqueue_internal.hook_instant(text);
