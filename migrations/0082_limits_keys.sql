-- create_queue says how long keys stay taken, and what goes together in a call.
--
-- Locks nothing: the function that gets more arguments goes, and comes again with them.

drop function if exists supaqueue.create_queue(
  text, text, integer, double precision, text, integer, integer, integer, integer, integer, text, jsonb, integer, integer,
  text, text
);
