-- The triggers of a hook are made in parts where there are very many: write_hook has another argument. No table is locked.

drop function if exists supaqueue_internal.write_hook(supaqueue.hook);
