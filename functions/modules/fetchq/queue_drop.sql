-- queue_drop: delete a queue with all its documents.
--
-- called by  users
-- writes     what supaqueue.delete_queue writes
--
-- `was_dropped` is false when there is no such queue.

create or replace function fetchq.queue_drop(par_queue varchar, out was_dropped boolean, out queue_id uuid)
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  queue_id := fetchq.queue_of(par_queue);
  was_dropped := queue_id is not null;
  if was_dropped then
    perform fetchq.queue_disable_notify(par_queue);
    perform supaqueue.delete_queue(queue_id::text);
  end if;
end;
$$;

comment on function fetchq.queue_drop(varchar) is 'Deletes a queue with all its documents.';
revoke execute on function fetchq.queue_drop(varchar) from public, anon, authenticated;
grant execute on function fetchq.queue_drop(varchar) to service_role;
