-- due_jobs: which jobs of a queue come next, highest priority first, then those
-- that have waited longest.
--
-- called by  claim, count_due
-- reads      supaqueue.job, by its index of pending jobs
--
-- At most `most` of those that are due at a time, but not those that were set aside since they
-- cannot be begun. With `locking` they are locked,
-- and those that somebody else holds are passed over.
--
-- One walk down the index per priority: a million planned jobs of a high priority
-- do not stand in the way of due ones below, and the cost does not grow with how
-- many wait, are planned, or are done. Priorities without a due job are passed over a
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
  due bigint[];
  due_above bigint[];
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

    -- Many priorities of which nothing is due: the next thousand jobs are read at once.
    -- The last priority among them may not be whole, and is looked at as the others are.
    if empty_levels >= 16 and level is not null then
      select
        coalesce(array_agg(ahead.id order by ahead.place) filter (where ahead.run_at <= due_jobs.at), '{}'),
        coalesce(array_agg(ahead.id order by ahead.place) filter (where ahead.run_at <= due_jobs.at and ahead.priority > ahead.lowest), '{}'),
        case when count(*) = 1000 then min(ahead.priority) end
      into due, due_above, level
      from (
        select next.*, row_number() over () as place, min(next.priority) over () as lowest
        from (
          select job.id, job.priority, job.run_at
          from supaqueue.job
          where job.queue = due_jobs.queue and job.status = 'pending' and job.priority < above
          order by job.priority desc, job.run_at, job.id
          limit 1000
        ) as next
      ) as ahead;
      if level is not null then
        due := due_above;
      end if;

      if due_jobs.locking then
        due := array(
          select job.id
          from unnest(due) with ordinality as listed (id, place)
          join supaqueue.job on job.id = listed.id
          where job.status = 'pending' and job.run_at <= due_jobs.at
          order by listed.place
          limit missing
          for no key update of job skip locked
        );
      end if;
      found_ids := found_ids || due[1 : missing];
      missing := due_jobs.most - cardinality(found_ids);
    end if;
  end loop;

  return found_ids;
end;
$$;

comment on function supaqueue_internal.due_jobs(uuid, timestamptz, integer, boolean, integer, integer) is 'Which jobs of a queue come next, in order.';
