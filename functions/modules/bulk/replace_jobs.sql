-- replace_jobs: jobs that wait become those that are enqueued with their dedupe_keys, all in one statement.
--
-- writes     supaqueue.job
--
-- As insert_job does with one: each keeps its id, and one that is held stays held. Of several with the same key none is
-- taken, nor one whose job is in progress: these are left to insert_job. One that nobody has any more is inserted. Jobs are
-- met in the order of their keys, as enqueue_many inserts them. Returns a list of {id, holder}: the job that was wanted, and
-- the one that became it. For keys that are free once their job has ended.
--
-- One that waits already runs at the time of the new one, but no later than `max_wait` after it was enqueued; with `keeps_time`
-- at its own time.
--
-- The key's own index finds the job, whatever the planner thinks of the others.

create or replace function supaqueue_internal.replace_jobs(
  wanted supaqueue.job[], max_wait interval default null, keeps_time boolean default false
)
returns jsonb
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  replaced jsonb;
begin
  with keyed as (
    select one.*, count(*) over (partition by one.dedupe_key) as alike
    from unnest(replace_jobs.wanted) as one
    where one.dedupe_key is not null
  ),
  written as (
    insert into supaqueue.job (
      id, queue, payload, status, priority, run_at, url, method, headers, query, timeout_ms, max_attempts,
      retry_base_ms, retry_max_ms, dedupe_key, version, concurrency_key, batch, batch_index
    )
    overriding system value
    select
      keyed.id, keyed.queue, coalesce(keyed.payload, '{}'), keyed.status, coalesce(keyed.priority, 0), keyed.run_at,
      keyed.url, keyed.method, keyed.headers, keyed.query, keyed.timeout_ms, keyed.max_attempts,
      keyed.retry_base_ms, keyed.retry_max_ms, keyed.dedupe_key, keyed.version, keyed.concurrency_key, keyed.batch, keyed.batch_index
    from keyed
    where keyed.alike = 1
    order by keyed.dedupe_key
    on conflict (queue, dedupe_key) where dedupe_key is not null and status in ('held', 'pending', 'in_progress')
    do update set
      payload = excluded.payload,
      status = case when excluded.status = 'held' or job.status = 'held' then 'held'::supaqueue.job_status else 'pending' end,
      priority = excluded.priority,
      run_at = case when replace_jobs.keeps_time then job.run_at else least(excluded.run_at, job.created_at + replace_jobs.max_wait) end,
      attempts = 0, deferrals = 0, deferred_since = null, lost_claims = 0, repeats = 0, batch_limit = null, result = null, error = null, state = null,
      progress_percent = null, progress_note = null,
      url = excluded.url, method = excluded.method, headers = excluded.headers, query = excluded.query,
      timeout_ms = excluded.timeout_ms, max_attempts = excluded.max_attempts,
      retry_base_ms = excluded.retry_base_ms, retry_max_ms = excluded.retry_max_ms,
      version = excluded.version, concurrency_key = excluded.concurrency_key,
      batch = coalesce(excluded.batch, job.batch),
      batch_index = case when excluded.batch is null then job.batch_index else excluded.batch_index end
    where job.status <> 'in_progress'
    returning job.id, job.dedupe_key
  )
  select coalesce(jsonb_agg(jsonb_build_object('id', keyed.id, 'holder', written.id)), '[]') into replaced
  from written
  join keyed on keyed.dedupe_key = written.dedupe_key;
  return replaced;
end;
$$;

comment on function supaqueue_internal.replace_jobs(supaqueue.job[], interval, boolean) is 'Jobs that wait become those that are enqueued with their dedupe_keys.';
