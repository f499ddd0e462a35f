-- queue_as_called: a queue that calls a URL, as the dispatcher is to know it for calls of these current jobs.
--
-- As it is: the core signs nothing.

create or replace function supaqueue_internal.queue_as_called(queue supaqueue.queue, tokens uuid[])
returns supaqueue.queue
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  return queue_as_called.queue;
end;
$$;

comment on function supaqueue_internal.queue_as_called(supaqueue.queue, uuid[]) is 'A queue that calls a URL, as the dispatcher is to know it for calls of these current jobs.';
