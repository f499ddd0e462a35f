-- source_results: what the jobs that a job depends on have brought.
--
-- called by  users' functions, with the id of their job
-- reads      supaqueue.job_dependency, supaqueue.job
--
-- An entry per source, in the order in which they were enqueued; `queue` is its name.
-- An array, because the Data API cuts a set at 1,000 rows.

create or replace function supaqueue.source_results(job bigint)
returns supaqueue.source_result[]
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select array(
    select row(
      source.id, queue.name, source.batch_index, source.status,
      supaqueue_internal.shown(source.payload), supaqueue_internal.shown(source.result), source.error
    )::supaqueue.source_result
    from supaqueue.job_dependency as edge
    join supaqueue.job as source on source.id = edge.source
    join supaqueue.queue on queue.id = source.queue
    where edge.target = source_results.job
    order by source.id
  )
$$;

comment on function supaqueue.source_results(bigint) is 'What the jobs that a job depends on returned.';
