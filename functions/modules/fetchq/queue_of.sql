-- queue_of: the queue that bears a name, if documents are picked from it.
--
-- called by  every function here
-- reads      supaqueue.queue
--
-- Null for one that is not there, and for one that supaqueue calls.

create or replace function fetchq.queue_of(par_queue varchar)
returns uuid
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select queue.id from supaqueue.queue where queue.name = par_queue and queue.mode = 'pull'
$$;

comment on function fetchq.queue_of(varchar) is 'The queue of a name, if documents are picked from it.';
revoke execute on function fetchq.queue_of(varchar) from public, anon, authenticated;
grant execute on function fetchq.queue_of(varchar) to service_role;
