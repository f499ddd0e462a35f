-- A function is called by the words of the glossary. Locks no table.

drop function if exists supaqueue_internal.mend_lines(integer);
