-- queue_status: the queues that documents are picked from, and whether they are.
--
-- called by  users
-- reads      supaqueue.queue
--
-- A queue that is paused is not active.

create or replace function fetchq.queue_status()
returns table (id uuid, name varchar, is_active boolean)
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select queue.id, queue.name::varchar, not queue.paused
  from supaqueue.queue
  where queue.mode = 'pull'
  order by queue.name
$$;

comment on function fetchq.queue_status() is 'The queues that documents are picked from.';
revoke execute on function fetchq.queue_status() from public, anon, authenticated;
grant execute on function fetchq.queue_status() to service_role;

create or replace function fetchq.queue_status(par_queue varchar)
returns table (id uuid, name varchar, is_active boolean)
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select queue.id, queue.name::varchar, not queue.paused from supaqueue.queue where queue.id = fetchq.queue_of(par_queue)
$$;

comment on function fetchq.queue_status(varchar) is 'Whether documents are picked from a queue.';
revoke execute on function fetchq.queue_status(varchar) from public, anon, authenticated;
grant execute on function fetchq.queue_status(varchar) to service_role;
