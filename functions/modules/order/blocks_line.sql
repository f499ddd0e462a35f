-- blocks_line: whether a failed job keeps those after it waiting.
--
-- reads      supaqueue.queue, supaqueue.place_in_line
--
-- In place of the core's default. Until it is retried, cancelled or deleted.

create or replace function supaqueue_internal.blocks_line(job supaqueue.job)
returns boolean
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
  return (blocks_line.job).status = 'failed' and exists (
    select
    from supaqueue.queue
    join supaqueue.place_in_line on place_in_line.queue = queue.id
    where queue.id = (blocks_line.job).queue
      and place_in_line.line = supaqueue_internal.line_of(queue.ordered, (blocks_line.job).concurrency_key, (blocks_line.job).id)
      and place_in_line.job = (blocks_line.job).id
  );
end;
$$;

comment on function supaqueue_internal.blocks_line(supaqueue.job) is 'Whether a failed job keeps those after it waiting.';
