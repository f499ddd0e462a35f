-- due_with_keys: further jobs that are due and have the concurrency_key of one of these: they go along.
--
-- reads      supaqueue.job, by its index of pending jobs by key
--
-- Of each key as many as a call may bring, whatever comes before them in the queue. With `locking` they are
-- locked, and those that somebody else holds are passed over.

create or replace function supaqueue_internal.due_with_keys(
  queue supaqueue.queue, at timestamptz, jobs bigint[], locking boolean, version integer
)
returns bigint[]
language plpgsql
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
set enable_bitmapscan = off
set jit = off
set plan_cache_mode = force_generic_plan
as $$
declare
  further bigint[] := array(
    select next.id
    from (
      select distinct job.concurrency_key as name
      from supaqueue.job
      where job.id = any (due_with_keys.jobs) and job.concurrency_key is not null
    ) as key
    cross join lateral (
      select job.id
      from supaqueue.job
      where job.queue = (due_with_keys.queue).id
        and job.status = 'pending'
        and job.concurrency_key = key.name
        and job.run_at <= due_with_keys.at
        and job.id <> all (due_with_keys.jobs)
        and job.id not in (
          select trouble.job from supaqueue.trouble
          where trouble.queue = (due_with_keys.queue).id and trouble.kind = 'begin' and trouble.job is not null
        )
        and (due_with_keys.version is null or job.version = due_with_keys.version)
      order by job.priority desc, job.run_at, job.id
      limit (due_with_keys.queue).batch_size
    ) as next
  );
begin
  if not due_with_keys.locking then
    return further;
  end if;
  return array(
    select job.id
    from supaqueue.job
    -- As text: by status the index of pending jobs would be walked, and there may be many.
    where job.id = any (further) and job.status::text = 'pending' and job.run_at <= due_with_keys.at
    for no key update skip locked
  );
end;
$$;

comment on function supaqueue_internal.due_with_keys(supaqueue.queue, timestamptz, bigint[], boolean, integer) is 'Further jobs that are due and have the key of one of these.';
