-- job_with_key: the job of a queue that has a dedupe_key, if any has it.
--
-- reads      supaqueue.job, by the indexes that keep its keys unique

create or replace function supaqueue_internal.job_with_key(queue uuid, dedupe_key text)
returns supaqueue.job
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  holder supaqueue.job;
begin
  select * into holder
  from supaqueue.job
  where job.queue = job_with_key.queue
    and job.dedupe_key = job_with_key.dedupe_key
    and job.status in ('held', 'pending', 'in_progress');
  if holder.id is null then
    select * into holder
    from supaqueue.job
    where job.queue = job_with_key.queue
      and job.dedupe_key = job_with_key.dedupe_key
      and job.dedupe_pruned;
  end if;
  return holder;
end;
$$;

comment on function supaqueue_internal.job_with_key(uuid, text) is 'The job of a queue that has a dedupe_key.';
