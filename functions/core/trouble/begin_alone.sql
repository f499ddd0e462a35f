-- begin_alone: one job begins by itself, in a call of its own.
--
-- writes     supaqueue.job, supaqueue.current_job, supaqueue.worker
--
-- The job and the worker are locked by the caller. Returns the token. Raises whatever is in the way, a trigger of the
-- user's for example: to be called in a subtransaction.

create or replace function supaqueue_internal.begin_alone(job bigint, home supaqueue.queue, worker_id uuid, run uuid)
returns uuid
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  at constant timestamptz := clock_timestamp();
  token uuid;
  internal_write text;
begin
  internal_write := set_config('supaqueue.internal_write', pg_trigger_depth()::text, true);
  if (begin_alone.home).dedupe_until = 'begun' then
    perform supaqueue_internal.free_keys(array[begin_alone.job]);
  end if;
  update supaqueue.job
  set status = 'in_progress', attempts = least(job.attempts + 1, 1000000), updated_at = at
  where job.id = begin_alone.job;
  if not found then
    perform supaqueue_internal.refuse_unwritten('supaqueue.job');
  end if;
  insert into supaqueue.current_job (created_at, queue, worker, job, dispatcher, begun_at, lease_until, call)
  select
    at, (begin_alone.home).id, begin_alone.worker_id, job.id, begin_alone.run, case when begin_alone.run is not null then at end,
    case when begin_alone.run is null
      then at + interval '15 seconds'
      else at + (coalesce(job.timeout_ms, (begin_alone.home).timeout_ms) + 10000) * interval '1 millisecond' end,
    -- What names the call of several jobs: nobody asks for it where a queue has no batches.
    case when (begin_alone.home).batch_size > 1 then gen_random_uuid() end
  from supaqueue.job
  where job.id = begin_alone.job
  returning current_job.id into strict token;
  internal_write := set_config('supaqueue.internal_write', '', true);
  update supaqueue.worker set locked = true where worker.id = begin_alone.worker_id and not worker.locked;
  perform supaqueue_internal.refuse_unwritten('supaqueue.worker')
  from supaqueue.worker where worker.id = begin_alone.worker_id and not worker.locked;
  perform supaqueue_internal.fire_deferred() where begin_alone.run is not null;
  return token;
end;
$$;

comment on function supaqueue_internal.begin_alone(bigint, supaqueue.queue, uuid, uuid) is 'One job begins by itself, in a call of its own. Returns its token.';
