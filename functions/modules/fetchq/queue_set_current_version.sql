-- queue_set_current_version: which version of documents a queue is picked for most.
--
-- called by  users
--
-- One index serves all versions, and doc_pick names the one it wants: nothing has to be
-- remembered or built anew. `affected_rows` is 0 when the queue is not there.

create or replace function fetchq.queue_set_current_version(
  par_queue varchar,
  par_newversion integer,
  out affected_rows integer,
  out was_reindexed boolean
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select (fetchq.queue_of(par_queue) is not null)::integer, fetchq.queue_of(par_queue) is not null
$$;

comment on function fetchq.queue_set_current_version(varchar, integer) is 'Which version of documents a queue is picked for most: all are served by one index.';
revoke execute on function fetchq.queue_set_current_version(varchar, integer) from public, anon, authenticated;
grant execute on function fetchq.queue_set_current_version(varchar, integer) to service_role;
