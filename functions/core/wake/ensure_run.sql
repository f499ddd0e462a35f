-- ensure_run: what happens at commit for a queue that has work again.
--
-- called by  ensure_run_once, and the triggers that wake for all that a queue has:
--            it was resumed, its circuit closed, its rate limit changed
-- reads      supaqueue.heartbeat; while no run is awake supaqueue.queue, supaqueue.worker
-- writes     nothing while a run is awake; else current_job, worker, job, heartbeat
--
-- The promise behind it: whoever finds a run awake may rely on that run to look
-- once more before it sleeps. A lock (lock_sleep) makes the promise sound: whoever looks
-- holds it shared from before it reads the heartbeat until it has committed, and a run may go
-- to sleep only when it gets it exclusively. Nobody ever waits for it: refused,
-- one wakes a run, which is always right and costs little.
--
-- Says when there are no workers, unless a run is awake: nothing else would tell whoever
-- enqueues that these jobs wait for ever. Here, and not at the insert, because the workers
-- may come with the same transaction.
--
-- Never raises: an enqueue must not fail because dispatch is ill.

create or replace function supaqueue_internal.ensure_run(queue uuid)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  is_fresh constant boolean := current_setting('transaction_isolation') = 'read committed';
  has_leader boolean;
  home record;
begin
  if not supaqueue_internal.lock_sleep(ensure_run.queue) then
    perform supaqueue_internal.wake(ensure_run.queue);
    return;
  end if;

  -- An older snapshot may show a heartbeat of the past. It is of now when nobody has written a
  -- later one, which its xmax would tell; or only whoever wrote it had locked it before.
  select heartbeat.run is not null into has_leader
  from supaqueue.heartbeat
  where heartbeat.queue = ensure_run.queue
    and heartbeat.awake_until > clock_timestamp()
    and (is_fresh or heartbeat.xmax = 0 or heartbeat.xmax = heartbeat.xmin);
  if has_leader then
    return;
  end if;

  select queue.name, queue.paused, exists (select from supaqueue.worker where worker.queue = queue.id) as has_workers
  into home
  from supaqueue.queue
  where queue.id = ensure_run.queue;
  if not home.has_workers then
    raise notice using
      errcode = 'SQ409',
      message = format('queue %L has no workers: its jobs wait', home.name),
      hint = format('For one call at a time: select supaqueue.set_concurrency(%L, 1);', home.name);
  end if;

  -- A run was woken and is on its way.
  if has_leader is not null then
    return;
  end if;

  if not is_fresh then
    perform supaqueue_internal.wake(ensure_run.queue);
    return;
  end if;

  if home.paused is distinct from false then
    return;
  end if;

  if supaqueue.process_jobs(ensure_run.queue) = 0 then
    -- A batch that still fills needs a run that waits with it.
    if supaqueue_internal.count_due(ensure_run.queue, clock_timestamp() + (
        select queue.batch_wait_ms * interval '1 millisecond' from supaqueue.queue where queue.id = ensure_run.queue
      )) = 0
      and not exists (
        select from supaqueue.current_job where current_job.queue = ensure_run.queue and current_job.dispatcher is null
      )
    then
      return;
    end if;
    -- A job is due and no worker seems free, but one may be on its way back in a
    -- transaction that cannot see this job. The run that comes sees both. Or jobs
    -- were paired before a pause, and no run would have them while it lasted.
    perform supaqueue_internal.wake(ensure_run.queue);
  end if;

  perform supaqueue_internal.note_wake(ensure_run.queue);
exception when others then
  raise warning using
    errcode = 'SQ503',
    message = format('supaqueue could not look for work in queue %s: %s', ensure_run.queue, sqlerrm),
    hint = 'The job is safe; the sweep looks again.';
end;
$$;

comment on function supaqueue_internal.ensure_run(uuid) is 'Sees at commit that a queue has a run: nothing while a run is awake, else claims and wakes a run.';
