-- metric_get: how many documents of a queue stand where, and what happened to them.
--
-- called by  users
-- reads      supaqueue.job, the view supaqueue.queue_counters
--
--   cnt  all of them          pln  planned       kll  killed
--   pnd  pending              act  active        cpl  completed
-- These are counted when asked for: what it costs grows with the documents of the queue.
--
--   ent  entered              pkd  picked        prc  answered
--   drp  dropped              res  rescheduled   rej  rejected
--   orp  not answered in time                    err  rej and orp
-- These are kept as it happens, ever since the queue was made: they do not go with documents or
-- logs. ent is some seconds late: the sweep counts it. None when the queue is not there.

create or replace function fetchq.metric_get(par_queue varchar)
returns table (metric varchar, current_value bigint, last_update timestamptz)
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  with
  target as (
    select fetchq.queue_of(par_queue) as id
  ),
  document as (
    select
      count(*) as cnt,
      count(*) filter (where job.status = 'pending' and job.run_at <= now()) as pnd,
      count(*) filter (where job.status = 'pending' and job.run_at > now()) as pln,
      count(*) filter (where job.status = 'in_progress') as act,
      count(*) filter (where job.status = 'success') as cpl,
      count(*) filter (where job.status = 'failed') as kll
    from supaqueue.job
    join target on target.id = job.queue
  ),
  happened as (
    select
      counters.enqueued as ent,
      counters.begun as pkd,
      greatest(
        counters.succeeded + counters.failed + counters.retried + counters.rescheduled + counters.dropped - counters.leases_lost, 0
      ) as prc,
      counters.dropped as drp,
      counters.rescheduled as res,
      greatest(counters.failed - counters.killed + counters.retried - counters.leases_lost, 0) as rej,
      counters.leases_lost as orp,
      counters.failed - counters.killed + counters.retried as err
    from supaqueue.queue_counters as counters
    join target on target.id = counters.queue
  )
  select counted.key::varchar, counted.value::bigint, now()
  from target, document, happened, jsonb_each_text(to_jsonb(document) || to_jsonb(happened)) as counted
  where target.id is not null
  order by counted.key
$$;

comment on function fetchq.metric_get(varchar) is 'How many documents of a queue stand where.';
revoke execute on function fetchq.metric_get(varchar) from public, anon, authenticated;
grant execute on function fetchq.metric_get(varchar) to service_role;

create or replace function fetchq.metric_get(
  par_queue varchar,
  par_subject varchar,
  out current_value integer,
  out last_update timestamptz,
  out does_exists boolean
)
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
  select counted.current_value::integer, counted.last_update into current_value, last_update
  from fetchq.metric_get(par_queue) as counted
  where counted.metric = par_subject;
  does_exists := found;
  current_value := coalesce(current_value, 0);
end;
$$;

comment on function fetchq.metric_get(varchar, varchar) is 'One number of a queue.';
revoke execute on function fetchq.metric_get(varchar, varchar) from public, anon, authenticated;
grant execute on function fetchq.metric_get(varchar, varchar) to service_role;
