-- report can be held to one queue: its signature has changed, and the old one
-- would stay beside it.

drop function if exists supaqueue.report(jsonb);
