-- create_queue says in which order jobs run.
--
-- Locks nothing: the function that gets more arguments goes, and comes again with them.

drop function if exists supaqueue.create_queue(
  text, text, integer, double precision, text, integer, integer, integer, integer, integer, text, jsonb, integer, integer
);
