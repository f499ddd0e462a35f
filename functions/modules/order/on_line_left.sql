-- on_line_left: jobs of ordered queues were deleted: they leave their lines.
--
-- Of a queue that is deleted with its jobs nothing is written: on_queue_ordered clears what it had.
-- Security definer: whoever may delete jobs may not write these tables.

create or replace function supaqueue_internal.on_line_left()
returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
set enable_hashjoin = on
as $$
begin
  -- The other queues pay no more than this look.
  if not exists (
    select from taken join supaqueue.queue on queue.id = taken.queue where queue.ordered is not null
  ) then
    return null;
  end if;

  with gone as (
    delete from supaqueue.place_in_line
    using taken, supaqueue.queue
    where queue.id = taken.queue
      and queue.ordered is not null
      and place_in_line.queue = taken.queue
      and place_in_line.line = supaqueue_internal.line_of(queue.ordered, taken.concurrency_key, taken.id)
      and place_in_line.job = taken.id
    returning place_in_line.queue, place_in_line.line
  )
  insert into supaqueue.line_change (queue, line, moves_on)
  select distinct gone.queue, gone.line, true from gone;
  return null;
end;
$$;

comment on function supaqueue_internal.on_line_left() is 'Jobs of ordered queues that are deleted leave their lines.';
