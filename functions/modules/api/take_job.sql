-- take_job: a job of the HTTP API is enqueued.
--
-- writes     supaqueue.job, by enqueue
--
-- `job` has what enqueue takes, under the same names; `delay_ms` in place of delay,
-- and `debounce_ms`, `max_wait_ms`, `throttle_ms` likewise.
-- Returns {id}. Errors: those of enqueue.

create or replace function supaqueue_internal.take_job(job jsonb)
returns jsonb
language sql
set search_path = pg_catalog, pg_temp
as $$
  select jsonb_build_object('id', supaqueue.enqueue(
    queue => take_job.job ->> 'queue',
    payload => coalesce(take_job.job -> 'payload', '{}'),
    priority => coalesce((take_job.job ->> 'priority')::integer, 0),
    run_at => (take_job.job ->> 'run_at')::timestamptz,
    delay => supaqueue_internal.from_ms(take_job.job ->> 'delay_ms'),
    dedupe_key => take_job.job ->> 'dedupe_key',
    on_conflict => coalesce(take_job.job ->> 'on_conflict', 'error'),
    headers => nullif(take_job.job -> 'headers', 'null'),
    version => (take_job.job ->> 'version')::integer,
    max_attempts => (take_job.job ->> 'max_attempts')::integer,
    timeout_ms => (take_job.job ->> 'timeout_ms')::integer,
    concurrency_key => take_job.job ->> 'concurrency_key',
    depends_on => array(select source::bigint from jsonb_array_elements_text(nullif(take_job.job -> 'depends_on', 'null')) as source),
    held => coalesce((take_job.job ->> 'held')::boolean, false),
    debounce => supaqueue_internal.from_ms(take_job.job ->> 'debounce_ms'),
    max_wait => supaqueue_internal.from_ms(take_job.job ->> 'max_wait_ms'),
    throttle => supaqueue_internal.from_ms(take_job.job ->> 'throttle_ms')
  ))
$$;

comment on function supaqueue_internal.take_job(jsonb) is 'Enqueues a job of the HTTP API. Returns its id.';
