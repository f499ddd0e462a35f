-- describe_job: a job as the HTTP API shows it, without payload and result.

create or replace function supaqueue_internal.describe_job(job supaqueue.job)
returns jsonb
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select jsonb_build_object(
    'id', (describe_job.job).id,
    'queue', (select queue.name from supaqueue.queue where queue.id = (describe_job.job).queue),
    'status', (describe_job.job).status,
    'priority', (describe_job.job).priority,
    'attempts', (describe_job.job).attempts,
    'deferrals', (describe_job.job).deferrals,
    'created_at', (describe_job.job).created_at,
    'updated_at', (describe_job.job).updated_at,
    'run_at', (describe_job.job).run_at,
    'finished_at', (describe_job.job).finished_at,
    'error', (describe_job.job).error,
    'progress_percent', (describe_job.job).progress_percent,
    'progress_note', (describe_job.job).progress_note,
    'dedupe_key', coalesce((describe_job.job).dedupe_key, (describe_job.job).begun_key),
    'concurrency_key', (describe_job.job).concurrency_key,
    'version', (describe_job.job).version,
    'batch', (describe_job.job).batch,
    'batch_index', (describe_job.job).batch_index,
    'retry_of', (describe_job.job).retry_of
  )
$$;

comment on function supaqueue_internal.describe_job(supaqueue.job) is 'A job as the HTTP API shows it, without payload and result.';
