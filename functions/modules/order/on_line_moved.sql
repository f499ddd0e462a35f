-- on_line_moved: jobs of ordered queues were changed: what has ended leaves its line, what is put back has its place again.
--
-- A job that fails has a place where it is to keep the others waiting (after_failure), until it is retried, cancelled or
-- deleted: if it is given another key, in the line of that one. One that failed before and stood in nobody's way does not
-- begin to. Priority and time count, too: they say which line goes first. As on_line_joined, nothing is decided here.
-- What leaves a line has its queue looked at (on_line_freed).
-- Hash joins are switched on again: whoever has written the jobs may have switched them off, and of the changed rows there
-- is no index.
-- Security definer: whoever may write jobs may not write these tables.

create or replace function supaqueue_internal.on_line_moved()
returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
set enable_hashjoin = on
as $$
begin
  if not exists (
    select from written join supaqueue.queue on queue.id = written.queue where queue.ordered is not null
  ) and not exists (
    select from overwritten join supaqueue.queue on queue.id = overwritten.queue where queue.ordered is not null
  ) then
    return null;
  end if;

  with stood as (
    select
      overwritten.id, overwritten.queue, overwritten.status, overwritten.priority, overwritten.run_at,
      supaqueue_internal.line_of(queue.ordered, overwritten.concurrency_key, overwritten.id) as line
    from overwritten
    join supaqueue.queue on queue.id = overwritten.queue
  ),
  stands as (
    select
      written.id, written.queue, written.status, written.priority, written.run_at, queue.after_failure,
      supaqueue_internal.line_of(queue.ordered, written.concurrency_key, written.id) as line
    from written
    join supaqueue.queue on queue.id = written.queue
  ),
  changed as (
    select
      stood.id, stood.queue as old_queue, stood.line as old_line, stands.queue, stands.line,
      (stood.queue, stood.line) is distinct from (stands.queue, stands.line) as goes_elsewhere,
      stood.status in ('held', 'pending', 'in_progress') as was_alive,
      stands.line is not null and stands.status in ('held', 'pending', 'in_progress') as is_alive,
      stands.line is not null and stands.status = 'failed' and stands.after_failure = 'block' as blocks,
      stood.status = 'failed' as had_failed
    from stood
    join stands on stands.id = stood.id
    where (stood.line is not null or stands.line is not null)
      and (stood.queue, stood.line, stood.status, stood.priority, stood.run_at)
        is distinct from (stands.queue, stands.line, stands.status, stands.priority, stands.run_at)
  ),
  gone as (
    delete from supaqueue.place_in_line
    using changed
    where (changed.goes_elsewhere or not (changed.is_alive or changed.blocks))
      and place_in_line.queue = changed.old_queue
      and place_in_line.line = changed.old_line
      and place_in_line.job = changed.id
    returning place_in_line.queue, place_in_line.line, place_in_line.job
  ),
  placed as (
    insert into supaqueue.place_in_line (queue, line, job)
    select changed.queue, changed.line, changed.id
    from changed
    where (changed.is_alive or changed.blocks and not changed.had_failed) and (changed.goes_elsewhere or not changed.was_alive)
      or changed.blocks and changed.goes_elsewhere and changed.id in (select gone.job from gone)
    on conflict do nothing
  )
  insert into supaqueue.line_change (queue, line, moves_on)
  select touched.queue, touched.line, bool_or(touched.moves_on)
  from (
    select gone.queue, gone.line, true as moves_on from gone
    union all
    select changed.queue, changed.line, false from changed where changed.line is not null
  ) as touched
  group by touched.queue, touched.line;
  return null;
end;
$$;

comment on function supaqueue_internal.on_line_moved() is 'Jobs of ordered queues that have ended leave their lines, and those that are put back have their places again.';
