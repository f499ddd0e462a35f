-- newest_failed: the failed jobs of a queue that were not copied, the newest first.
--
-- called by  the console, too, which wants fewer of each when there are many queues
-- reads      supaqueue.job, by its index of finished jobs and that of copies
--
-- At most `most`, and at most ninety thousand that were copied are passed over:
-- what it costs does not grow with how many have failed. The plan is held to the
-- indexes: sorted in another way, all jobs of the queue would be read.

create or replace function supaqueue_internal.newest_failed(queue uuid, most integer default 10000)
returns setof supaqueue.job
language sql
stable
rows 1000
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
set enable_bitmapscan = off
set enable_sort = off
set jit = off
as $$
  select newest.*
  from (
    select job.*
    from supaqueue.job
    where job.queue = newest_failed.queue and job.status = 'failed'
    order by job.finished_at desc
    limit 100000
  ) as newest
  -- Asked for each, in place of reading all copies there are.
  where (select copy.id from supaqueue.job as copy where copy.retry_of = newest.id limit 1) is null
  limit newest_failed.most
$$;

comment on function supaqueue_internal.newest_failed(uuid, integer) is 'The failed jobs of a queue that were not copied, the newest first.';
