-- cancel_where: cancel all jobs of a queue, or of a batch, that a filter fits.
--
-- called by  users
-- writes     supaqueue.job; its triggers take current jobs away; what note_act writes
--
-- A `queue` (by name or id), a `batch`, or both. `filter` is an object; what it names
-- must all fit, and {} fits all:
--   status           held, pending or in_progress; or an array of these
--   payload          what the payload contains (@>)
--   priority, version, dedupe_key, concurrency_key   equal; a dedupe_key also when it is free since the job began
-- Returns how many were cancelled. Those that ended before stay as they are.
--
-- Jobs are locked before workers, both in the order of their ids: two who cancel the
-- same jobs wait for each other at most, never in a circle.
-- Errors: SQ404, SQ422.

create or replace function supaqueue.cancel_where(
  queue text default null, filter jsonb default '{}', batch uuid default null
)
returns bigint
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  known constant text[] := '{status, payload, priority, version, dedupe_key, concurrency_key}';
  target supaqueue.queue;
  ids bigint[];
begin
  if num_nonnulls(cancel_where.queue, cancel_where.batch) = 0 then
    raise exception using
      errcode = 'SQ422',
      message = 'cancel_where needs a queue or a batch',
      hint = 'Nothing was changed. All jobs of a queue: select supaqueue.cancel_where(''name'').';
  end if;
  if (case when jsonb_typeof(cancel_where.filter) = 'object' then cancel_where.filter - known <> '{}' else true end) then
    raise exception using
      errcode = 'SQ422',
      message = 'a filter is an object that names what jobs must have',
      hint = 'Nothing was changed. It may have ' || array_to_string(known, ', ') || '.';
  end if;
  if cancel_where.queue is not null then
    target := supaqueue_internal.find_queue(cancel_where.queue);
  end if;

  if cancel_where.batch is not null then
    ids := array(select job.id from supaqueue.job where job.batch = cancel_where.batch);
  else
    -- Each by its own index: a queue may have millions of jobs that ended.
    ids := array(select job.id from supaqueue.job where job.queue = target.id and job.status = 'pending')
      || array(select current_job.job from supaqueue.current_job where current_job.queue = target.id)
      || array(select job.id from supaqueue.job where job.queue = target.id and job.status = 'held');
  end if;

  ids := array(
    select job.id
    from supaqueue.job
    where job.id = any (ids)
      and job.status in ('held', 'pending', 'in_progress')
      and (target.id is null or job.queue = target.id)
      and (not cancel_where.filter ? 'status' or (cancel_where.filter -> 'status') ? job.status::text)
      and (not cancel_where.filter ? 'payload' or job.payload @> (cancel_where.filter -> 'payload'))
      and jsonb_build_object(
        'priority', job.priority,
        'version', job.version,
        'dedupe_key', coalesce(job.dedupe_key, job.begun_key),
        'concurrency_key', job.concurrency_key
      ) @> (cancel_where.filter - '{status, payload}'::text[])
    order by job.id
    for no key update
  );
  perform supaqueue_internal.lock_workers(ids);
  update supaqueue.job set status = 'cancelled' where job.id = any (ids);
  if cardinality(ids) > 0 then
    perform supaqueue_internal.note_act(
      'cancel', coalesce(target.id, (select job.queue from supaqueue.job where job.id = ids[1])), jobs => cardinality(ids),
      -- What the payload was to contain may be secret.
      after => jsonb_strip_nulls(jsonb_build_object(
        'filter', cancel_where.filter - 'payload' || case when cancel_where.filter ? 'payload' then '{"payload": "…"}' else '{}' end::jsonb,
        'batch', cancel_where.batch
      ))
    );
  end if;
  return cardinality(ids);
end;
$$;

comment on function supaqueue.cancel_where(text, jsonb, uuid) is 'Cancels all jobs of a queue or a batch that match a filter. Returns how many.';
