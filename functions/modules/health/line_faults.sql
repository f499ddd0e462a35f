-- line_faults: lines of ordered queues that a failed job blocks.
--
-- reads      supaqueue.queue, supaqueue.job, supaqueue.place_in_line, by index; locks nothing
--
-- A finding for each queue, at most a hundred: the job that has blocked its line the longest, of the newest thousand that
-- failed, and how many lines there are like it. Only where another job waits behind it: a failed job that is the
-- last of its line is in nobody's way.

create or replace function supaqueue_internal.line_faults()
returns jsonb
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
  at constant timestamptz := clock_timestamp();
  listed jsonb := '[]';
  entry record;
begin
  for entry in
    select queue.name, blocked.job, blocked.since, blocked.lines
    from supaqueue.queue
    cross join lateral (
      select
        (array_agg(failed.id order by failed.finished_at, failed.id))[1] as job,
        min(failed.finished_at) as since,
        count(*) as lines
      from (
        select job.id, job.finished_at, job.concurrency_key
        from supaqueue.job
        where job.queue = queue.id and job.status = 'failed'
        order by job.finished_at desc
        limit 1000
      ) as failed
      join supaqueue.place_in_line as place
        on place.queue = queue.id
        and place.line = supaqueue_internal.line_of(queue.ordered, failed.concurrency_key, failed.id)
        and place.job = failed.id
      where exists (
        select from supaqueue.place_in_line as behind
        where behind.queue = place.queue and behind.line = place.line and behind.job > place.job
      )
    ) as blocked
    where queue.ordered is not null and queue.after_failure = 'block' and blocked.lines > 0
    order by queue.name
    limit 100
  loop
    listed := listed || supaqueue_internal.finding(
      'line_blocked', 'warning',
      format(
        '%s of %s blocked: job %s failed %s ago, and those behind it wait. To skip it: select supaqueue.cancel(%s);',
        case entry.lines when 1 then 'a line' else entry.lines || ' lines' end,
        entry.name || case entry.lines when 1 then ' is' else ' are' end, entry.job, supaqueue_internal.say_interval(at - entry.since), entry.job
      ),
      format('select supaqueue.retry(%s);', entry.job), entry.since, entry.name
    );
  end loop;
  return listed;
end;
$$;

comment on function supaqueue_internal.line_faults() is 'Lines of ordered queues that a failed job blocks.';
