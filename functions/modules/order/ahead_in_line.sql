-- ahead_in_line: which job a job waits for in the order of its queue.
--
-- reads      supaqueue.queue, supaqueue.place_in_line, supaqueue.job
--
-- In place of the core's default. The first of its line, or one of the line that runs; null when it is its own turn, or
-- the queue is not ordered. A place that was left while triggers were switched off is passed over by the next claim.

create or replace function supaqueue_internal.ahead_in_line(job supaqueue.job)
returns bigint
language plpgsql
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
set enable_bitmapscan = off
set jit = off
set plan_cache_mode = force_generic_plan
as $$
declare
  its_queue constant uuid := (ahead_in_line.job).queue;
  its_id constant bigint := (ahead_in_line.job).id;
  its_key constant text := (ahead_in_line.job).concurrency_key;
  ordered text;
  first bigint;
begin
  select queue.ordered into ordered from supaqueue.queue where queue.id = its_queue;
  if ordered is null then
    return null;
  end if;

  select place_in_line.job into first
  from supaqueue.place_in_line
  where place_in_line.queue = its_queue
    and place_in_line.line = supaqueue_internal.line_of(ordered, its_key, its_id)
    and place_in_line.job < its_id
  order by place_in_line.job
  limit 1;
  if first is not null or ordered = 'key' and its_key is null then
    return first;
  end if;

  -- One of them may run though it comes later: it was begun before this one came, or was put back.
  if ordered = 'key' then
    select running.id into first
    from supaqueue.job as running
    where running.queue = its_queue and running.status = 'in_progress' and running.concurrency_key = its_key and running.id <> its_id
    limit 1;
  else
    select running.id into first
    from supaqueue.job as running
    where running.queue = its_queue and running.status = 'in_progress' and running.id <> its_id
    limit 1;
  end if;
  return first;
end;
$$;

comment on function supaqueue_internal.ahead_in_line(supaqueue.job) is 'Which job a job waits for in the order of its queue. Null: none.';
