-- source_results: what the jobs that a job depends on have brought.
--
-- called by  users' functions, with the id of their job
-- reads      supaqueue.job_dependency, supaqueue.job
--
-- One row per source, in the order in which they were enqueued; `queue` is its name.

create or replace function supaqueue.source_results(job bigint)
returns table (source bigint, queue text, batch_index integer, status supaqueue.job_status, payload jsonb, result jsonb, error text)
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select source.id, queue.name, source.batch_index, source.status, supaqueue_internal.shown(source.payload), supaqueue_internal.shown(source.result), source.error
  from supaqueue.job_dependency as edge
  join supaqueue.job as source on source.id = edge.source
  join supaqueue.queue on queue.id = source.queue
  where edge.target = source_results.job
  order by source.id
$$;

comment on function supaqueue.source_results(bigint) is 'What the jobs that a job depends on have brought.';
revoke execute on function supaqueue.source_results(bigint) from public, anon, authenticated;
grant execute on function supaqueue.source_results(bigint) to service_role;
