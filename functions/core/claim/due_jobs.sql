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
--
-- While somebody holds an old snapshot, what was claimed since stays in the index, and each look passes it over. So with
-- `locking`, a look that passed over 2000 entries notes for its connection where it found something to do: what is due before
-- that, in this priority, is not looked for again for a while, 5 microseconds for each entry, five seconds at most. Who commits a
-- job then that has been due for more than a second waits so long for it. A look without `locking`, by which a run falls
-- asleep, sees all.

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
  begun_at constant timestamptz := clock_timestamp();
  passed bigint := pg_stat_get_xact_tuples_returned('supaqueue.job_pending'::regclass);
  -- Queue, priority, from when on, and until when that holds: both in microseconds. Anybody may have set it.
  mark constant text[] := string_to_array(
    substring(current_setting('supaqueue.passed_over', true) from '^[0-9a-f-]{36} -?[0-9]{1,10} [0-9]{1,16} [0-9]{1,16}$'), ' '
  );
  marked bigint;
  since timestamptz;
  looked bigint;
  place integer;
  noted text;
begin
  if due_jobs.per_key is not null or due_jobs.version is not null then
    return supaqueue_internal.due_jobs_by_key(
      due_jobs.queue, due_jobs.at, due_jobs.most, due_jobs.locking, due_jobs.per_key, due_jobs.version
    );
  end if;

  if due_jobs.locking and mark[1] = due_jobs.queue::text
    and mark[2]::bigint between -2147483648 and 2147483647
    and mark[4]::numeric / 1000000 between extract(epoch from begun_at) and extract(epoch from begun_at) + 5
  then
    marked := mark[2]::bigint;
    since := to_timestamp(mark[3]::double precision / 1000000);
  end if;

  select job.priority into level from supaqueue.job
  where job.queue = due_jobs.queue and job.status = 'pending' and job.priority > coalesce(marked, -2147483649)
  order by job.priority desc limit 1;
  level := coalesce(level, marked);

  while level is not null and missing > 0 loop
    if due_jobs.locking then
      found_ids := found_ids || array(
        select job.id from supaqueue.job
        where job.queue = due_jobs.queue and job.status = 'pending'
          and job.priority = level and job.run_at <= due_jobs.at
          and job.run_at >= case when level = marked then since else '-infinity' end
          and job.id not in (select trouble.job from supaqueue.trouble
            where trouble.queue = due_jobs.queue and trouble.kind = 'begin' and trouble.job is not null)
        order by job.run_at, job.id limit missing
        for no key update skip locked
      );
    else
      found_ids := found_ids || array(
        select job.id from supaqueue.job
        where job.queue = due_jobs.queue and job.status = 'pending'
          and job.priority = level and job.run_at <= due_jobs.at
          and job.id not in (select trouble.job from supaqueue.trouble
            where trouble.queue = due_jobs.queue and trouble.kind = 'begin' and trouble.job is not null)
        order by job.run_at, job.id limit missing
      );
    end if;

    looked := level;
    place := due_jobs.most - missing + 1;
    if missing = due_jobs.most - cardinality(found_ids) then
      empty_levels := empty_levels + 1;
    end if;
    missing := due_jobs.most - cardinality(found_ids);
    exit when missing = 0;

    above := level;
    select job.priority into level from supaqueue.job
    where job.queue = due_jobs.queue and job.status = 'pending' and job.priority < above
      and job.priority > case when above > marked then marked else -2147483649 end
    order by job.priority desc limit 1;
    level := coalesce(level, case when above > marked then marked end);

    -- Many priorities of which nothing is due: those of the next ten thousand jobs are read at once, but for the
    -- lowest, which may have a million more. The index itself compares their times, which costs a fraction of a look at each.
    if empty_levels >= 16 and level is not null then
      level := (
        select job.priority from supaqueue.job
        where job.queue = due_jobs.queue and job.status = 'pending' and job.priority < above
        order by job.priority desc, job.run_at, job.id offset 10000 limit 1
      );
      if due_jobs.locking then
        found_ids := found_ids || array(
          select job.id from supaqueue.job
          where job.queue = due_jobs.queue and job.status = 'pending'
            and job.priority < above and job.priority > coalesce(level, -2147483649) and job.run_at <= due_jobs.at
            and job.id not in (select trouble.job from supaqueue.trouble
              where trouble.queue = due_jobs.queue and trouble.kind = 'begin' and trouble.job is not null)
          order by job.priority desc, job.run_at, job.id limit missing
          for no key update skip locked
        );
      else
        found_ids := found_ids || array(
          select job.id from supaqueue.job
          where job.queue = due_jobs.queue and job.status = 'pending'
            and job.priority < above and job.priority > coalesce(level, -2147483649) and job.run_at <= due_jobs.at
            and job.id not in (select trouble.job from supaqueue.trouble
              where trouble.queue = due_jobs.queue and trouble.kind = 'begin' and trouble.job is not null)
          order by job.priority desc, job.run_at, job.id limit missing
        );
      end if;
      missing := due_jobs.most - cardinality(found_ids);
    end if;
  end loop;

  -- Not what was found by a mark: late jobs would never be seen.
  passed := pg_stat_get_xact_tuples_returned('supaqueue.job_pending'::regclass) - passed;
  if due_jobs.locking and marked is null and passed > 2000 + cardinality(found_ids) then
    noted := set_config('supaqueue.passed_over', concat_ws(' ',
      due_jobs.queue,
      coalesce(looked, mark[2]::bigint, 0),
      -- A second earlier than now: a job is due since its transaction began, which need not be over.
      floor(extract(epoch from least(
        (select job.run_at from supaqueue.job where job.id = found_ids[place]), due_jobs.at, begun_at - interval '1 second'
      )) * 1000000),
      floor(extract(epoch from clock_timestamp()) * 1000000 + least(passed * 5, 5000000))
    ), false);
  end if;
  return found_ids;
end;
$$;

comment on function supaqueue_internal.due_jobs(uuid, timestamptz, integer, boolean, integer, integer) is 'Which jobs of a queue come next, in order.';
