-- due_jobs: which jobs of a queue come next, highest priority first, then those
-- that have waited longest.
--
-- reads      supaqueue.job, by its index of pending jobs
--
-- At most `most` of those that are due at a time, but not those that were set aside since they
-- cannot be begun. With `locking` they are locked,
-- and those that somebody else holds are passed over.
--
-- One walk down the index per priority: a million planned jobs of a high priority
-- do not stand in the way of due ones below, and the cost does not grow with how
-- many wait, are planned, or are done. Priorities without a due job are passed over ten
-- thousand jobs at a time, once there are more than a few.

create or replace function supaqueue_internal.due_jobs(
  queue uuid, at timestamptz, most integer, locking boolean default false,
  per_key integer default null, version integer default null
)
returns bigint[]
language plpgsql
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
set enable_bitmapscan = off
set enable_sort = off
set jit = off
set plan_cache_mode = force_generic_plan
as $$
declare
  found_ids bigint[] := '{}';
  missing integer := due_jobs.most;
  level integer;
  above integer;
  empty_levels integer := 0;
begin
  if due_jobs.per_key is not null or due_jobs.version is not null then
    return supaqueue_internal.due_jobs_by_key(
      due_jobs.queue, due_jobs.at, due_jobs.most, due_jobs.locking, due_jobs.per_key, due_jobs.version
    );
  end if;

  select job.priority into level
  from supaqueue.job
  where job.queue = due_jobs.queue and job.status = 'pending'
  order by job.priority desc
  limit 1;

  while level is not null and missing > 0 loop
    if due_jobs.locking then
      found_ids := found_ids || array(
        select job.id
        from supaqueue.job
        where job.queue = due_jobs.queue
          and job.status = 'pending'
          and job.priority = level
          and job.run_at <= due_jobs.at
          and job.id not in (
            select trouble.job from supaqueue.trouble
            where trouble.queue = due_jobs.queue and trouble.kind = 'begin' and trouble.job is not null
          )
        order by job.run_at, job.id
        limit missing
        for no key update skip locked
      );
    else
      found_ids := found_ids || array(
        select job.id
        from supaqueue.job
        where job.queue = due_jobs.queue
          and job.status = 'pending'
          and job.priority = level
          and job.run_at <= due_jobs.at
          and job.id not in (
            select trouble.job from supaqueue.trouble
            where trouble.queue = due_jobs.queue and trouble.kind = 'begin' and trouble.job is not null
          )
        order by job.run_at, job.id
        limit missing
      );
    end if;

    if missing = due_jobs.most - cardinality(found_ids) then
      empty_levels := empty_levels + 1;
    end if;
    missing := due_jobs.most - cardinality(found_ids);
    exit when missing = 0;

    above := level;
    select job.priority into level
    from supaqueue.job
    where job.queue = due_jobs.queue and job.status = 'pending' and job.priority < above
    order by job.priority desc
    limit 1;

    -- Many priorities of which nothing is due: those of the next ten thousand jobs are read at once, but for the
    -- lowest, which may have a million more. The index itself compares their times, which costs a fraction of a look at each.
    if empty_levels >= 16 and level is not null then
      level := (
        select job.priority
        from supaqueue.job
        where job.queue = due_jobs.queue and job.status = 'pending' and job.priority < above
        order by job.priority desc, job.run_at, job.id
        offset 10000
        limit 1
      );
      if due_jobs.locking then
        found_ids := found_ids || array(
          select job.id
          from supaqueue.job
          where job.queue = due_jobs.queue
            and job.status = 'pending'
            and job.priority < above
            and job.priority > coalesce(level, -2147483649)
            and job.run_at <= due_jobs.at
            and job.id not in (
              select trouble.job from supaqueue.trouble
              where trouble.queue = due_jobs.queue and trouble.kind = 'begin' and trouble.job is not null
            )
          order by job.priority desc, job.run_at, job.id
          limit missing
          for no key update skip locked
        );
      else
        found_ids := found_ids || array(
          select job.id
          from supaqueue.job
          where job.queue = due_jobs.queue
            and job.status = 'pending'
            and job.priority < above
            and job.priority > coalesce(level, -2147483649)
            and job.run_at <= due_jobs.at
            and job.id not in (
              select trouble.job from supaqueue.trouble
              where trouble.queue = due_jobs.queue and trouble.kind = 'begin' and trouble.job is not null
            )
          order by job.priority desc, job.run_at, job.id
          limit missing
        );
      end if;
      missing := due_jobs.most - cardinality(found_ids);
    end if;
  end loop;

  return found_ids;
end;
$$;

comment on function supaqueue_internal.due_jobs(uuid, timestamptz, integer, boolean, integer, integer) is 'Which jobs of a queue come next, in order.';
