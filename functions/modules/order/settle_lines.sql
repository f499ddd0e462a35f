-- settle_lines: of the lines in which something happened, who is first.
--
-- expects    that its caller holds the queue's row of key_lock: nobody else writes these
-- writes     supaqueue.line_change, supaqueue.line_head; supaqueue.place_in_line of jobs that have ended unseen
--
-- At most a thousand changes, the oldest first. Returns whether there may be more. They are taken away first, and looked at in
-- a statement of its own: whatever is committed later has written a change of its own.

create or replace function supaqueue_internal.settle_lines(queue uuid, at timestamptz)
returns boolean
language plpgsql
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
set enable_bitmapscan = off
set enable_hashjoin = off
set enable_mergejoin = off
set jit = off
set plan_cache_mode = force_generic_plan
as $$
declare
  lines text[];
  changes integer;
  firsts bigint[];
  pending_lines text[];
  ids bigint[];
  priorities integer[];
  times timestamptz[];
  left_over text[];
begin
  with taken as (
    delete from supaqueue.line_change
    where line_change.queue = settle_lines.queue
      and line_change.id = any (array(
        select oldest.id from supaqueue.line_change as oldest
        where oldest.queue = settle_lines.queue
        order by oldest.id
        limit 1000
        for update skip locked
      ))
    returning line_change.line
  )
  select array_agg(distinct taken.line), count(*) into lines, changes from taken;
  if changes = 0 then
    return false;
  end if;

  firsts := array(
    select first.job
    from unnest(lines) with ordinality as entry (line, place)
    left join lateral (
      select place_in_line.job
      from supaqueue.place_in_line
      where place_in_line.queue = settle_lines.queue and place_in_line.line = entry.line
      order by place_in_line.job
      limit 1
    ) as first on true
    order by entry.place
  );

  -- One by one, by their ids: by status, the index of pending jobs would be walked, and there may be many.
  select
    array_agg(entry.line) filter (where job.state = 'pending'),
    array_agg(entry.job) filter (where job.state = 'pending'),
    array_agg(job.priority) filter (where job.state = 'pending'),
    array_agg(job.run_at) filter (where job.state = 'pending'),
    array_agg(entry.line) filter (where entry.job is not null and coalesce(job.state, 'gone') in ('gone', 'success', 'cancelled'))
  into pending_lines, ids, priorities, times, left_over
  from unnest(lines, firsts) as entry (line, job)
  left join lateral (
    select
      case when job.queue = settle_lines.queue then job.status::text else 'gone' end as state, job.priority, job.run_at
    from supaqueue.job
    where job.id = entry.job
    offset 0
  ) as job on true;

  delete from supaqueue.line_head
  where line_head.queue = settle_lines.queue
    and line_head.line = any (array(select unnest(lines) except select unnest(pending_lines)));
  insert into supaqueue.line_head (queue, line, job, priority, run_at, is_due)
  select settle_lines.queue, entry.line, entry.job, entry.priority, entry.run_at, entry.run_at <= settle_lines.at
  from unnest(pending_lines, ids, priorities, times) as entry (line, job, priority, run_at)
  on conflict on constraint line_head_is_one_per_line do update
  set job = excluded.job, priority = excluded.priority, run_at = excluded.run_at, is_due = excluded.is_due
  where (line_head.job, line_head.priority, line_head.run_at, line_head.is_due)
    is distinct from (excluded.job, excluded.priority, excluded.run_at, excluded.is_due);

  -- What ended while triggers were switched off, or is gone: it stands in nobody's way, and the line is looked at again.
  if left_over is not null then
    delete from supaqueue.place_in_line
    where place_in_line.queue = settle_lines.queue
      and place_in_line.line = any (left_over)
      and place_in_line.job = any (array(
        select old.job
        from unnest(left_over) as entry (line)
        cross join lateral (
          select place_in_line.job
          from supaqueue.place_in_line
          where place_in_line.queue = settle_lines.queue and place_in_line.line = entry.line
          order by place_in_line.job
          limit 1000
        ) as old
        left join supaqueue.job on job.id = old.job
        where job.id is null or job.queue <> settle_lines.queue or job.status in ('success', 'cancelled')
      ));
    insert into supaqueue.line_change (queue, line, moves_on)
    select settle_lines.queue, entry.line, false from unnest(left_over) as entry (line);
  end if;
  return changes = 1000 or left_over is not null;
end;
$$;

comment on function supaqueue_internal.settle_lines(uuid, timestamptz) is 'Of the lines in which something happened, who is first. Returns whether there may be more of them.';
