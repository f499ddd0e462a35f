-- Triggers that users have deferred to the commit fire where they stop only what set them off, whatever table of ours was
-- written: the function that has them fire has another argument. No table is locked.

drop function if exists supaqueue_internal.fire_deferred(regclass);
