-- Functions are called by the words of the glossary. Locks no table.

drop function if exists supaqueue_internal.mend_jobs(integer);
drop function if exists supaqueue_internal.mend_pairs(integer);
drop function if exists supaqueue_internal.mend_queues(integer);
