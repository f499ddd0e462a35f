-- begin_despite_pause: a pending job of a paused queue gets a worker, and a run is
-- called for it.
--
-- expects    that its caller has locked the job
-- writes     supaqueue.current_job, supaqueue.worker, supaqueue.job, and what note_claims and wake write
--
-- In place of the core's default.
-- All limits hold but the pause: a free worker, the rate, the key, its place in line, what its target takes. Returns
-- whether it begins; nothing is changed when it does not. Waits for nobody. The lease
-- is long enough for the sweep to call again when a wake-up is lost. Until the transaction
-- ends nothing else begins by the same rate limit, or with the same key.

create or replace function supaqueue_internal.begin_despite_pause(target supaqueue.job, home supaqueue.queue)
returns boolean
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  at constant timestamptz := clock_timestamp();
  gate record;
  worker_id uuid;
begin
  -- An older snapshot would show workers and limits of the past.
  if current_setting('transaction_isolation') <> 'read committed' then
    return false;
  end if;

  if home.mode <> 'push' then
    return false;
  end if;
  gate := supaqueue_internal.claims_allowed(home, at, 1, locking => true);
  if gate.allowed = 0 then
    return false;
  end if;
  if home.per_key is not null and not supaqueue_internal.key_has_room(target, home.per_key) then
    return false;
  end if;

  select worker.id into worker_id
  from supaqueue.worker
  where worker.queue = home.id and not worker.locked
  limit 1
  for no key update skip locked;
  if worker_id is null then
    return false;
  end if;

  if cardinality(home.allowed_hosts) > 0
    and supaqueue_internal.pass_over(home, at, array[target.id], only_these => true) = '{}'
  then
    return false;
  end if;

  -- Nothing of a queue that is being deleted: a job that is written twice, as one that frees its key is, would ask for it.
  if not exists (select from supaqueue.queue where queue.id = home.id for key share skip locked) then
    return false;
  end if;

  if gate.counted then
    perform supaqueue_internal.note_claims(home, at, 1);
  end if;
  -- Nobody else may set a job in progress: it would have no worker.
  perform set_config('supaqueue.internal_write', pg_trigger_depth()::text, true);
  if home.dedupe_until = 'begun' then
    perform supaqueue_internal.free_keys(array[target.id]);
  end if;
  update supaqueue.job
  set status = 'in_progress', attempts = least(job.attempts + 1, 1000000), run_at = least(job.run_at, at), updated_at = at
  where job.id = target.id;
  if not found then
    perform supaqueue_internal.refuse_unwritten('supaqueue.job');
  end if;
  perform set_config('supaqueue.internal_write', '', true);
  update supaqueue.worker set locked = true where worker.id = worker_id;
  if not found then
    perform supaqueue_internal.refuse_unwritten('supaqueue.worker');
  end if;
  insert into supaqueue.current_job (created_at, queue, worker, job, lease_until, despite_pause, call)
  values (
    at, home.id, worker_id, target.id, at + interval '1 minute', true,
    -- A batch of one: its function is used to lists.
    case when home.batch_size > 1 then gen_random_uuid() end
  );
  perform supaqueue_internal.wake(home.id);
  return true;
end;
$$;

comment on function supaqueue_internal.begin_despite_pause(supaqueue.job, supaqueue.queue) is 'Begins a job of a paused queue, if nothing but the pause is in the way. Returns whether it did.';
