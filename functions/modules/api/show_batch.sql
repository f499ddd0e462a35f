-- show_batch: a batch, and how many of its jobs are in which status.
--
-- reads      supaqueue.batch, supaqueue.job, by its index of batches
--
-- Error: SQ404.

create or replace function supaqueue_internal.show_batch(batch uuid)
returns jsonb
language plpgsql
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
set enable_mergejoin = off
set jit = off
as $$
declare
  target supaqueue.batch;
begin
  select * into target from supaqueue.batch where batch.id = show_batch.batch;
  if target.id is null then
    raise exception using
      errcode = 'SQ404',
      message = format('there is no batch %s', coalesce(show_batch.batch::text, 'null')),
      hint = 'It was never there, or was pruned with the last of its jobs: keep_success and keep_failed of its queue say when.';
  end if;
  return jsonb_build_object(
    'id', target.id,
    'queue', (select queue.name from supaqueue.queue where queue.id = target.queue),
    'label', target.label,
    'created_at', target.created_at,
    'jobs', (
      select jsonb_object_agg(counted.status, counted.jobs)
      from (
        select status.status, count(job.id) as jobs
        from unnest(enum_range(null::supaqueue.job_status)) as status (status)
        left join supaqueue.job on job.batch = target.id and job.status = status.status
        group by status.status
      ) as counted
    )
  );
end;
$$;

comment on function supaqueue_internal.show_batch(uuid) is 'A batch, and how many of its jobs are in which status.';
