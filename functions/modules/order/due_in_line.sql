-- due_in_line: which jobs of an ordered queue come next: of each line the first, if its time has come.
--
-- reads      supaqueue.line_head, supaqueue.place_in_line, supaqueue.job, supaqueue.trouble
-- writes     with `locking` what settle_lines writes
--
-- In place of the core's default. Null for a queue that is not ordered. Lines go by the priority of their first jobs,
-- then by how long these have been due. Neither how many lines there are counts nor how long they are: the first jobs
-- have an index of their own, and changes of the lines are looked at once each.
--
-- With `locking` the queue's row of key_lock is held until the end of the transaction, and the jobs are locked: two that look
-- at once would both take the first two of a line. Where somebody else holds it there is nothing; nobody waits.
-- That a job is the first of its line, and that none of the line is running, is looked at once more under the lock: a job
-- with a smaller id may have come later, since ids are given before a transaction commits.

create or replace function supaqueue_internal.due_in_line(
  queue uuid, at timestamptz, most integer, locking boolean, version integer
)
returns bigint[]
language plpgsql
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
set enable_bitmapscan = off
set enable_hashjoin = off
set enable_mergejoin = off
set enable_sort = off
set jit = off
set plan_cache_mode = force_generic_plan
as $$
declare
  ordered text;
  candidates bigint[];
  others bigint[] := '{}';
  unsettled boolean;
begin
  select home.ordered into ordered from supaqueue.queue as home where home.id = due_in_line.queue;
  if ordered is null then
    return null;
  end if;

  if due_in_line.locking then
    if not supaqueue_internal.lock_keys(due_in_line.queue) then
      return '{}';
    end if;
    -- Ten thousand at most: the next claim goes on.
    for batch in 1 .. 10 loop
      exit when not supaqueue_internal.settle_lines(due_in_line.queue, due_in_line.at);
    end loop;
    update supaqueue.line_head
    set is_due = true
    where line_head.queue = due_in_line.queue
      and line_head.line = any (array(
        select planned.line
        from supaqueue.line_head as planned
        where planned.queue = due_in_line.queue and not planned.is_due and planned.run_at <= due_in_line.at
        order by planned.run_at
        limit 10000
      ));
  else
    -- What a claim would find: the lines that it would look at first, and those whose time has come since.
    others := array(
      select first.job
      from (
        select distinct recent.line
        from (
          select line_change.line from supaqueue.line_change
          where line_change.queue = due_in_line.queue
          order by line_change.id
          limit 1000
        ) as recent
      ) as entry
      cross join lateral (
        select place_in_line.job
        from supaqueue.place_in_line
        where place_in_line.queue = due_in_line.queue and place_in_line.line = entry.line
        order by place_in_line.job
        limit 1
      ) as first
    ) || array(
      select planned.job
      from supaqueue.line_head as planned
      where planned.queue = due_in_line.queue and not planned.is_due and planned.run_at <= due_in_line.at
      order by planned.run_at
      limit due_in_line.most
    );
    unsettled := exists (
      select from supaqueue.line_change where line_change.queue = due_in_line.queue order by line_change.id offset 1000 limit 1
    );
    -- Where there is more to settle than was looked at, or a place that is left over, a claim has something to do in any case.
    if unsettled then
      others := others || array(
        select job.id
        from supaqueue.job
        where job.queue = due_in_line.queue and job.status = 'pending'
        order by job.priority desc, job.run_at, job.id
        limit 1
      );
    end if;
  end if;

  candidates := array(
    select line_head.job
    from supaqueue.line_head
    where line_head.queue = due_in_line.queue
      and line_head.is_due
      and supaqueue_internal.is_first(line_head.job, due_in_line.at, due_in_line.version)
    order by line_head.priority desc, line_head.run_at, line_head.job
    limit due_in_line.most
  );
  if not due_in_line.locking then
    return array(
      select entry.id
      from (select distinct one as id from unnest(candidates || others) as one) as entry
      left join supaqueue.job on job.id = entry.id
      where unsettled
        or entry.id = any (candidates)
        or job.id is null
        or job.status in ('success', 'cancelled')
        or supaqueue_internal.is_first(entry.id, due_in_line.at, due_in_line.version)
      order by job.priority desc, job.run_at, entry.id
      limit due_in_line.most
    );
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

comment on function supaqueue_internal.due_in_line(uuid, timestamptz, integer, boolean, integer) is 'Which jobs of an ordered queue come next: of each line the first. Null for others.';
