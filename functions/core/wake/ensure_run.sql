-- ensure_run: what happens at commit for a queue that has work again.
--
-- reads      supaqueue.heartbeat; while no run is awake supaqueue.queue, supaqueue.worker
-- writes     nothing while a run is awake; else current_job, worker, job, heartbeat
--
-- The promise behind it: whoever finds a run awake may rely on that run to look
-- once more before it sleeps. A lock makes the promise sound (README.md): whoever looks
-- holds it shared from before it reads the heartbeat until it has committed, and a run may go
-- to sleep only when it gets it exclusively. Nobody ever waits for it: refused,
-- one wakes a run, which is always right and costs little.
--
-- A leader that listens is told, by NOTIFY: it looks seldom. Not one that is busy: it looks anyway, and commits with a
-- NOTIFY wait for each other.
--
-- Says when there are no workers, unless a run is awake: nothing else would tell whoever
-- enqueues that these jobs wait for ever. Here, and not at the insert, because the workers
-- may come with the same transaction.
--
-- With `once`, a queue that was looked at in this commit already is passed over. The conditions of on_job_ready and
-- on_worker_freed know only the queue that had work last, so a statement that goes back and
-- forth between queues comes here for every row. That queues were looked at takes the
-- place of that note, and stays until there is work again: a deferred trigger may make a
-- job ready after its queue was looked at. The queues are kept in 256 settings, by their hash: one
-- list of all would cost the square of their number. From the fifth in one of them on no lock is taken. The queue that had
-- work last is mostly the only one, and not kept: to note it costs more than to look at it once more.
--
-- Never raises: an enqueue must not fail because dispatch is broken. Whoever locks a whole table stops nobody for longer
-- than half a second, and once a transaction.

create or replace function supaqueue_internal.ensure_run(queue uuid, once boolean)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
set lock_timeout = '500ms'
as $$
declare
  is_fresh constant boolean := current_setting('transaction_isolation') = 'read committed';
  has_leader boolean;
  is_heard boolean;
  home supaqueue.queue;
  calls integer := 0;
  signaled text := current_setting('supaqueue.signaled', true);
  shelf constant text := 'supaqueue.seen_' || (uuid_hash(ensure_run.queue) & 255);
  known text;
begin
  if current_setting('supaqueue.tables_locked', true) = 'yes' then
    return;
  end if;
  if ensure_run.once and is_fresh and signaled = ensure_run.queue::text then
    signaled := set_config('supaqueue.signaled', '', true);
  elsif ensure_run.once then
    if starts_with(signaled, 'seen') is not true then
      signaled := set_config('supaqueue.signaled', concat('seen ', gen_random_uuid()), true);
    end if;
    known := current_setting(shelf, true);
    if starts_with(known, signaled) is not true then
      known := signaled;
    elsif strpos(known, ensure_run.queue::text) > 0 then
      return;
    end if;
    known := set_config(shelf, concat(known, ' ', ensure_run.queue), true);
  end if;

  begin
    -- All transactions share one table of locks: whoever enqueues into a thousand queues at once wakes a run for each further
    -- one that has something to do.
    if length(known) > 200 then
      perform supaqueue_internal.wake(queue.id) from supaqueue.queue
      where queue.id = ensure_run.queue and not queue.paused
        and exists (select from supaqueue.job where job.queue = queue.id and job.status = 'pending');
      return;
    end if;
    if not pg_try_advisory_xact_lock_shared(1398100049, uuid_hash(ensure_run.queue)) then
      perform supaqueue_internal.wake(ensure_run.queue);
      return;
    end if;

    -- An older snapshot may show a heartbeat of the past. It is the latest one if nobody has written another since
    -- (xmax is 0), or if who wrote it had locked it first (xmax is xmin).
    select heartbeat.run is not null, coalesce(heartbeat.listens_until > clock_timestamp(), false) into has_leader, is_heard
    from supaqueue.heartbeat
    where heartbeat.queue = ensure_run.queue
      and heartbeat.awake_until > clock_timestamp()
      and (is_fresh or heartbeat.xmax = 0 or heartbeat.xmax = heartbeat.xmin);
    if has_leader then
      if is_heard and supaqueue_internal.may_notify() then
        perform pg_notify('supaqueue', ensure_run.queue::text);
      end if;
      return;
    end if;

    select * into home from supaqueue.queue where queue.id = ensure_run.queue;
    if home.id is not null and not exists (select from supaqueue.worker where worker.queue = home.id) then
      raise notice using
        errcode = 'SQ409',
        message = format('queue %L has no workers: its jobs wait', home.name),
        hint = format('For one call at a time: select supaqueue.set_concurrency(%L, 1);', home.name);
    end if;

    -- A run was woken and is on its way; or, as far as a fresh snapshot says, nothing is to be begun.
    if has_leader is not null or is_fresh and home.paused is distinct from false then
      return;
    end if;

    if not is_fresh then
      perform supaqueue_internal.wake(ensure_run.queue);
      return;
    end if;

    -- Of what is pulled the dispatcher gets nothing. A batch is one call, and has one worker.
    if home.mode = 'push' then
      select count(distinct pairing.worker_id) into calls from supaqueue_internal.claim(home, null) as pairing;
    end if;

    -- Nothing was claimed: all the same a batch that still fills needs a run that comes when it is over, and so does a
    -- job whose time may come before anybody looks.
    if calls = 0
      and (home.mode <> 'push' or supaqueue_internal.count_due(ensure_run.queue, supaqueue_internal.next_look(ensure_run.queue)) = 0)
      and not exists (
        select from supaqueue.current_job where current_job.queue = ensure_run.queue and current_job.dispatcher is null
      )
    then
      return;
    end if;

    -- Where a job is due and no worker seems free, one may be on its way back in a transaction that cannot see this
    -- job. The run that comes sees both. Or jobs were paired before a pause, and no run would have them while it lasted.
    perform supaqueue_internal.wake(ensure_run.queue, greatest(calls, 1), awaited => true);
    -- In a user's own transaction what they deferred is theirs to hear.
    if current_setting('supaqueue.own_commit', true) = 'yes' then
      perform supaqueue_internal.fire_deferred();
    end if;
  exception when query_canceled or assert_failure or others then
    perform set_config('supaqueue.tables_locked', 'yes', true) where sqlstate = '55P03';
    raise warning using
      errcode = 'SQ503',
      message = format('supaqueue could not look for work in queue %s: %s', ensure_run.queue, sqlerrm),
      hint = 'The job is safe; the sweep looks again.';
  end;
end;
$$;

comment on function supaqueue_internal.ensure_run(uuid, boolean) is 'Sees at commit that a queue has a run: nothing while a run is awake, else claims and wakes a run.';
