-- Hooks send only the keys of a row that cannot be written as JSON: the function that writes the insert has another argument. No
-- table is locked.

drop function if exists supaqueue_internal.hook_insert(supaqueue.hook, text, text, text[]);
