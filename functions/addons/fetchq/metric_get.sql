-- metric_get: how many documents of a queue stand where.
--
-- called by  users, metric_get_common
-- reads      supaqueue.job, supaqueue.attempt
--
--   cnt  all of them               pln  planned         kll  killed
--   pnd  pending                   act  active          cpl  completed
--   rej  rejections in the log     orp  picks in the log that were not answered in time
--   res  reschedules in the log    err  rej and orp
--
-- They are counted when asked for: what it costs grows with the documents of the queue.
-- Others of fetchq (ent, drp, pkd, prc) are not kept. None when the queue is not there.

create or replace function fetchq.metric_get(par_queue varchar)
returns table (metric varchar, current_value bigint, last_update timestamptz)
language sql
stable
set search_path = ''
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
  logged as (
    select
      count(*) filter (where attempt.outcome = 'failed') as rej,
      count(*) filter (where attempt.outcome = 'unknown') as orp,
      count(*) filter (where attempt.outcome = 'rescheduled') as res,
      count(*) filter (where attempt.outcome in ('failed', 'unknown')) as err
    from supaqueue.attempt
    join supaqueue.job on job.id = attempt.job
    join target on target.id = job.queue
  )
  select counted.key::varchar, counted.value::bigint, now()
  from target, document, logged, jsonb_each_text(to_jsonb(document) || to_jsonb(logged)) as counted
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
set search_path = ''
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
