-- last_job_id: the newest id that the sequence of jobs has given.
--
-- reads      the sequence of job.id
--
-- Security definer: the sequence is its owner's.

create or replace function supaqueue_internal.last_job_id()
returns bigint
language sql
security definer
set search_path = pg_catalog, pg_temp
as $$
  select greatest(pg_sequence_last_value('supaqueue.job_id_seq'), (select max(job.id) from supaqueue.job), 0)
$$;

comment on function supaqueue_internal.last_job_id() is 'The newest id that the sequence of jobs has given.';
