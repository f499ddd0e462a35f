-- idle_workers: of workers whose jobs have just ended, those that have none any more.
--
-- reads      supaqueue.current_job
--
-- The jobs of a batch share a worker: it is free when the last of them has ended. Who asks holds the
-- workers, or has just taken their jobs away; so of several who end jobs of one batch the last one sees it.

create or replace function supaqueue_internal.idle_workers(workers uuid[])
returns uuid[]
language plpgsql
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
set jit = off
as $$
begin
  return array(
    select worker.id
    from (select distinct unnest(idle_workers.workers) as id) as worker
    where worker.id is not null
      and not exists (select from supaqueue.current_job where current_job.worker = worker.id)
  );
end;
$$;

comment on function supaqueue_internal.idle_workers(uuid[]) is 'Of workers whose jobs have just ended, those that have none any more.';
