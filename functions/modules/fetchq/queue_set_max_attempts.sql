-- queue_set_max_attempts: after how many picks without a good end a document is killed.
--
-- called by  users
-- writes     supaqueue.queue
--
-- No index depends on it: `was_reindexed` is true when the queue is there.

create or replace function fetchq.queue_set_max_attempts(
  par_queue varchar,
  par_maxattempts integer,
  out affected_rows integer,
  out was_reindexed boolean
)
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  update supaqueue.queue set max_attempts = par_maxattempts where queue.id = fetchq.queue_of(par_queue);
  get diagnostics affected_rows := row_count;
  was_reindexed := affected_rows > 0;
end;
$$;

comment on function fetchq.queue_set_max_attempts(varchar, integer) is 'After how many picks without a good end a document is killed.';
revoke execute on function fetchq.queue_set_max_attempts(varchar, integer) from public, anon, authenticated;
grant execute on function fetchq.queue_set_max_attempts(varchar, integer) to service_role;
