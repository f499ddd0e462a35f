-- queue_truncate: delete all documents of a queue, whatever became of them.
--
-- called by  users
-- writes     what supaqueue.truncate_queue writes
--
-- What was logged about a document goes with it, so `par_empty` changes nothing.
-- `success` is false when the queue is not there.

create or replace function fetchq.queue_truncate(par_queue varchar, out success boolean)
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  target constant uuid := fetchq.queue_of(par_queue);
begin
  success := target is not null;
  if success then
    perform supaqueue.truncate_queue(target::text);
  end if;
end;
$$;

comment on function fetchq.queue_truncate(varchar) is 'Deletes all documents of a queue.';
revoke execute on function fetchq.queue_truncate(varchar) from public, anon, authenticated;
grant execute on function fetchq.queue_truncate(varchar) to service_role;

create or replace function fetchq.queue_truncate(par_queue varchar, par_empty boolean, out success boolean)
language sql
set search_path = pg_catalog, pg_temp
as $$
  select fetchq.queue_truncate(par_queue)
$$;

comment on function fetchq.queue_truncate(varchar, boolean) is 'Deletes all documents of a queue.';
revoke execute on function fetchq.queue_truncate(varchar, boolean) from public, anon, authenticated;
grant execute on function fetchq.queue_truncate(varchar, boolean) to service_role;
