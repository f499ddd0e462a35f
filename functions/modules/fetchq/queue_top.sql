-- queue_top: documents of one version, whatever became of them, the oldest first.
--
-- called by  users
-- reads      supaqueue.job
--
-- The next_iteration of an active document is when its time to be answered is over.
-- What it costs grows with `par_offset`.

create or replace function fetchq.queue_top(par_queue varchar, par_version integer, par_limit integer, par_offset integer)
returns table (
  subject varchar, payload jsonb, version integer, priority integer, attempts integer, iterations bigint,
  created_at timestamptz, last_iteration timestamptz, next_iteration timestamptz, lock_upgrade timestamptz
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select
    job.dedupe_key::varchar, job.payload, job.version, job.priority, job.attempts,
    coalesce((job.state ->> 'iterations')::bigint, 0), job.created_at, (job.state ->> 'last_iteration')::timestamptz,
    coalesce(current_job.lease_until, job.run_at), null::timestamptz
  from supaqueue.job
  left join supaqueue.current_job on current_job.job = job.id
  where job.queue = fetchq.queue_of(par_queue) and job.version = par_version
  order by job.id
  limit par_limit offset par_offset
$$;

comment on function fetchq.queue_top(varchar, integer, integer, integer) is 'Documents of one version, the oldest first.';
revoke execute on function fetchq.queue_top(varchar, integer, integer, integer) from public, anon, authenticated;
grant execute on function fetchq.queue_top(varchar, integer, integer, integer) to service_role;
