-- list_jobs: jobs, newest first, page by page.
--
-- reads      supaqueue.job, by its primary key, or by its index of batches
--
-- `filter` may have queue (a name or an id), status and batch; `before`, the id that the
-- page before ended with, and `limit`. Returns {jobs, next}: `next` is what the next page
-- is to come before, null when there is none.
--
-- What a page costs does not grow with the table: it looks at ten thousand jobs at most. So
-- a page may have fewer jobs than its limit, or none, and there are more all the same.
-- Error: SQ404 no such queue.

create or replace function supaqueue_internal.list_jobs(filter jsonb)
returns jsonb
language plpgsql
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
set enable_hashjoin = off
set enable_mergejoin = off
set jit = off
as $$
declare
  farthest constant integer := 10000;
  wanted_queue uuid;
  wanted_status constant supaqueue.job_status := (filter ->> 'status')::supaqueue.job_status;
  wanted_batch constant uuid := (filter ->> 'batch')::uuid;
  before constant bigint := coalesce((filter ->> 'before')::bigint, 9223372036854775807);
  most constant integer := coalesce((filter ->> 'limit')::integer, 50);
  seen bigint[];
  page bigint[];
begin
  if filter ->> 'queue' is not null then
    wanted_queue := (supaqueue_internal.find_queue(filter ->> 'queue')).id;
  end if;

  if wanted_batch is null then
    seen := array(select job.id from supaqueue.job where job.id < before order by job.id desc limit farthest);
  else
    seen := array(
      select job.id from supaqueue.job where job.batch = wanted_batch and job.id < before order by job.id desc limit farthest
    );
  end if;
  page := array(
    select job.id
    from supaqueue.job
    where job.id = any (seen)
      and (wanted_queue is null or job.queue = wanted_queue)
      and (wanted_status is null or job.status = wanted_status)
    order by job.id desc
    limit most
  );

  return jsonb_build_object(
    'jobs', coalesce(
      (select jsonb_agg(supaqueue_internal.describe_job(job) order by job.id desc) from supaqueue.job where job.id = any (page)),
      '[]'
    ),
    'next', case
      when cardinality(page) = most and page[most] > seen[cardinality(seen)] then page[most]
      when cardinality(seen) = farthest then seen[farthest]
    end
  );
end;
$$;

comment on function supaqueue_internal.list_jobs(jsonb) is 'Jobs, newest first, page by page.';
