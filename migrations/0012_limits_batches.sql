-- create_queue says how many jobs a call brings.
--
-- Locks nothing: a function gets more arguments, and the one without them goes. A new installation has none yet.

drop function if exists supaqueue.create_queue(
  text, text, integer, double precision, text, integer, integer, integer, integer, integer, text, jsonb
);
