-- on_line_joined: jobs came into ordered queues: each gets its place in line.
--
-- Who is first in a line is not said here: of two sessions that insert at once neither sees the other's job. The next claim
-- looks (settle_lines). Nobody is waited for. By statement, so that a bulk insert costs one look at its queues; there
-- while some queue is ordered (keep_order).
-- Security definer: whoever may enqueue may not write these tables.

create or replace function supaqueue_internal.on_line_joined()
returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
set enable_hashjoin = on
as $$
begin
  -- The other queues pay no more than this look.
  if not exists (
    select from added join supaqueue.queue on queue.id = added.queue where queue.ordered is not null
  ) then
    return null;
  end if;

  with placed as (
    insert into supaqueue.place_in_line (queue, line, job)
    select
      added.queue,
      -- As line_of says: to call it for each job costs more than its place.
      case queue.ordered
        when 'key' then coalesce('=' || added.concurrency_key, '#' || added.id)
        else supaqueue_internal.line_of(queue.ordered, added.concurrency_key, added.id)
      end,
      added.id
    from added
    join supaqueue.queue on queue.id = added.queue
    where queue.ordered is not null and added.status in ('held', 'pending', 'in_progress')
    on conflict do nothing
    returning place_in_line.queue, place_in_line.line
  )
  insert into supaqueue.line_change (queue, line, moves_on)
  select distinct placed.queue, placed.line, false from placed;
  return null;
end;
$$;

comment on function supaqueue_internal.on_line_joined() is 'Jobs that come into ordered queues get their places in line.';
