-- create_queue says how many jobs a call brings.
--
-- Locks nothing: a function gets more arguments, and the one without them goes.

drop function supaqueue.create_queue(
  text, text, integer, double precision, text, integer, integer, integer, integer, integer, text, jsonb
);
