-- oldest_due: since when the job has been due that has waited longest in a queue.
--
-- reads      supaqueue.job, by its index of pending jobs: one look per priority
--
-- Null when nothing is due. Of the hundred highest priorities. A run_at
-- of -infinity, of the epoch or before means at once: it counts from the insert.

create or replace function supaqueue_internal.oldest_due(queue uuid, at timestamptz default clock_timestamp())
returns timestamptz
language plpgsql
stable
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
set jit = off
set enable_bitmapscan = off
set enable_sort = off
as $$
declare
  oldest timestamptz;
  first timestamptz;
  level integer;
begin
  select job.priority into level
  from supaqueue.job
  where job.queue = oldest_due.queue and job.status = 'pending'
  order by job.priority desc
  limit 1;

  for i in 1 .. 100 loop
    exit when level is null;
    select case when job.run_at < '1970-01-02' then job.created_at else job.run_at end into first
    from supaqueue.job
    where job.queue = oldest_due.queue and job.status = 'pending' and job.priority = level
    order by job.run_at
    limit 1;
    if first <= oldest_due.at then
      oldest := least(oldest, first);
    end if;

    select job.priority into level
    from supaqueue.job
    where job.queue = oldest_due.queue and job.status = 'pending' and job.priority < level
    order by job.priority desc
    limit 1;
  end loop;
  return oldest;
end;
$$;

comment on function supaqueue_internal.oldest_due(uuid, timestamptz) is 'Since when the job has been due that has waited longest in a queue.';
