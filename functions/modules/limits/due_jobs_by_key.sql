-- due_jobs_by_key: which jobs come next in a queue that lets only so many jobs of one
-- key run at once, or for a consumer that knows one version of the payload only.
--
-- reads      supaqueue.job, by its indexes of pending and running jobs, and what due_in_line reads
--
-- In place of the core's default.
-- Of each key at most as many as it has room for, then by priority and by how long
-- they have waited: a tenant with a million jobs does not stand in the way of another.
-- The cost grows with the number of keys that have jobs waiting. Jobs without a key
-- are not limited; they are found by walking past those that have one.
--
-- With `locking` the queue's row of key_lock is held until the end of the transaction,
-- because two sessions that count at once see neither's jobs. Where somebody else holds
-- it, jobs with a key are passed over; nobody waits.
--
-- A queue that is ordered runs one of a key at once, so its per_key is 1, and due_in_line says which.

create or replace function supaqueue_internal.due_jobs_by_key(
  queue uuid, at timestamptz, most integer, locking boolean, per_key integer, version integer
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
  -- Without a cap of its own a key has room for all.
  cap constant integer := coalesce(due_jobs_by_key.per_key, due_jobs_by_key.most);
  in_line constant bigint[] := supaqueue_internal.due_in_line(
    due_jobs_by_key.queue, due_jobs_by_key.at, due_jobs_by_key.most, due_jobs_by_key.locking, due_jobs_by_key.version
  );
  keys text[];
  candidates bigint[];
begin
  if in_line is not null then
    return in_line;
  end if;

  if not due_jobs_by_key.locking or due_jobs_by_key.per_key is null or supaqueue_internal.lock_keys(due_jobs_by_key.queue) then
    with recursive key as (
      (
        select job.concurrency_key as name
        from supaqueue.job
        where job.queue = due_jobs_by_key.queue and job.status = 'pending' and job.concurrency_key is not null
        order by job.concurrency_key
        limit 1
      )
      union all
      select (
        select job.concurrency_key
        from supaqueue.job
        where job.queue = due_jobs_by_key.queue and job.status = 'pending' and job.concurrency_key > key.name
        order by job.concurrency_key
        limit 1
      )
      from key
      where key.name is not null
    )
    select array_agg(key.name) into keys
    from key
    where key.name is not null;
  end if;

  -- A statement of its own: what others began before they let go of the row is seen from here on.
  candidates := array(
    select candidate.id
    from (
      select next.*
      from unnest(keys) as key (name)
      cross join lateral (
        select cap - count(*) as room
        from (
          select from supaqueue.job
          where job.queue = due_jobs_by_key.queue and job.status = 'in_progress' and job.concurrency_key = key.name
          limit cap
        ) as running
      ) as share
      cross join lateral (
        select job.id, job.priority, job.run_at
        from supaqueue.job
        where job.queue = due_jobs_by_key.queue
          and job.status = 'pending'
          and job.concurrency_key = key.name
          and job.run_at <= due_jobs_by_key.at
          and job.id not in (
            select trouble.job from supaqueue.trouble
            where trouble.queue = due_jobs_by_key.queue and trouble.kind = 'begin' and trouble.job is not null
          )
          and (due_jobs_by_key.version is null or job.version = due_jobs_by_key.version)
        order by job.priority desc, job.run_at, job.id
        limit least(share.room, due_jobs_by_key.most)
      ) as next
      union all
      (
        select job.id, job.priority, job.run_at
        from supaqueue.job
        where job.queue = due_jobs_by_key.queue
          and job.status = 'pending'
          and job.concurrency_key is null
          and job.run_at <= due_jobs_by_key.at
          and job.id not in (
            select trouble.job from supaqueue.trouble
            where trouble.queue = due_jobs_by_key.queue and trouble.kind = 'begin' and trouble.job is not null
          )
          and (due_jobs_by_key.version is null or job.version = due_jobs_by_key.version)
        order by job.priority desc, job.run_at, job.id
        limit due_jobs_by_key.most
      )
    ) as candidate
    order by candidate.priority desc, candidate.run_at, candidate.id
    limit due_jobs_by_key.most
  );

  if not due_jobs_by_key.locking then
    return candidates;
  end if;
  return array(
    select job.id
    from supaqueue.job
    -- As text: by status the index of pending jobs would be walked, and there may be many.
    where job.id = any (candidates) and job.status::text = 'pending'
    order by job.priority desc, job.run_at, job.id
    for no key update skip locked
  );
end;
$$;

comment on function supaqueue_internal.due_jobs_by_key(uuid, timestamptz, integer, boolean, integer, integer) is 'Which jobs of a queue come next, of each key as many as it has room for.';
