-- form_lines: the lines of a queue are formed anew, of the jobs that it has.
--
-- reads      supaqueue.queue, supaqueue.job
-- writes     supaqueue.place_in_line, supaqueue.line_change, supaqueue.line_head
--
-- Waits for claims of this queue. Jobs that failed before keep nobody waiting: who says that order matters from now on
-- has not said that they are in the way. A queue that is not ordered has no lines.

create or replace function supaqueue_internal.form_lines(queue uuid)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  ordered text;
begin
  perform from supaqueue.key_lock where key_lock.queue = form_lines.queue for no key update;
  delete from supaqueue.line_head where line_head.queue = form_lines.queue;
  delete from supaqueue.line_change where line_change.queue = form_lines.queue;
  delete from supaqueue.place_in_line where place_in_line.queue = form_lines.queue;

  select home.ordered into ordered from supaqueue.queue as home where home.id = form_lines.queue;
  if ordered is null then
    return;
  end if;
  with placed as (
    insert into supaqueue.place_in_line (queue, line, job)
    select job.queue, supaqueue_internal.line_of(ordered, job.concurrency_key, job.id), job.id
    from supaqueue.job
    where job.queue = form_lines.queue and job.status in ('held', 'pending', 'in_progress')
    returning place_in_line.line
  )
  insert into supaqueue.line_change (queue, line, moves_on)
  select distinct form_lines.queue, placed.line, true from placed;
end;
$$;

comment on function supaqueue_internal.form_lines(uuid) is 'Forms the lines of a queue again, of the jobs that it has.';
