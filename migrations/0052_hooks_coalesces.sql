-- on_change has another argument: coalesces, which needs no quotes as coalesce does. No table is locked.

drop function if exists supaqueue.on_change(
  text, text, text, text[], text[], text[], text, text, boolean, text, integer, text, text, interval, interval
);
