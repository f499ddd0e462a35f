-- source_behind: which job a job depends on, over any number of steps, though it comes after it in its line.
--
-- reads      supaqueue.job_dependency, supaqueue.job, supaqueue.queue
--
-- Each of the two waits for the other, for ever. Null: none. One that runs already is none: it ends.

create or replace function supaqueue_internal.source_behind(job bigint)
returns bigint
language plpgsql
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
set jit = off
as $$
begin
  return (
    with recursive above (job) as (
      select edge.source
      from supaqueue.job as waiting
      join supaqueue.queue on queue.id = waiting.queue and queue.ordered is not null
      join supaqueue.job_dependency as edge on edge.target = waiting.id and edge.ended_as is null
      where waiting.id = source_behind.job
        and (queue.ordered = 'queue' or waiting.concurrency_key is not null)
      union
      select edge.source
      from above
      join supaqueue.job_dependency as edge on edge.target = above.job and edge.ended_as is null
    )
    select behind.id
    from supaqueue.job as waiting
    join supaqueue.queue on queue.id = waiting.queue
    join above on above.job > waiting.id
    join supaqueue.job as behind on behind.id = above.job and behind.queue = waiting.queue
    where waiting.id = source_behind.job
      and behind.status in ('held', 'pending')
      and supaqueue_internal.line_of(queue.ordered, behind.concurrency_key, behind.id)
        = supaqueue_internal.line_of(queue.ordered, waiting.concurrency_key, waiting.id)
    order by behind.id
    limit 1
  );
end;
$$;

comment on function supaqueue_internal.source_behind(bigint) is 'Which job a job depends on though it comes after it in its line. Null: none.';
