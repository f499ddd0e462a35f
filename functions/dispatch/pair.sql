-- pair: give workers of a queue the jobs that are due, highest priority first,
-- then those that have waited longest.
--
-- called by  process_jobs, supaqueue_turn
-- reads      supaqueue.worker, supaqueue.job
-- writes     supaqueue.current_job, supaqueue.worker, supaqueue.job
--
-- `most` is how many at most. `run` is the run that begins them at once, or null
-- when a run is still to be found. `freed` are workers that the caller holds:
-- they are still marked locked, and go first. Returns the token and the worker
-- of each pairing.
--
-- Any number of sessions may pair the same queue at once: nobody waits. The plan
-- is held to nested loops over indexes: a scan would cost what finished jobs and
-- dead rows cost, and a planner that has not seen the table lately takes it.

create or replace function supaqueue.pair(queue supaqueue.queue, most integer, run uuid default null, freed uuid[] default '{}')
returns table (token uuid, seat uuid)
language plpgsql
set search_path = ''
set enable_seqscan = off
set enable_hashjoin = off
set enable_mergejoin = off
as $$
declare
  at constant timestamptz := clock_timestamp();
  wanted integer := pair.most;
  free_worker uuid[];
  seats uuid[];
begin
  if cardinality(pair.freed) < wanted then
    -- Locks nothing: a worker locked for nothing would be hidden from everybody
    -- else until this transaction ends.
    wanted := supaqueue.count_due((pair.queue).id, at, wanted);
  end if;
  if wanted > cardinality(pair.freed) then
    free_worker := array(
      select worker.id
      from supaqueue.worker
      where worker.queue = (pair.queue).id
        and not worker.locked
      limit wanted - cardinality(pair.freed)
      for no key update skip locked
    );
  end if;
  seats := pair.freed[1 : wanted] || free_worker;
  if cardinality(seats) = 0 then
    return;
  end if;

  -- Nobody else may set a job in progress: it would have no seat.
  perform set_config('supaqueue.pairing', 'on', true);

  return query
  with recursive
  -- Walks the index once per distinct priority, so that a million planned jobs
  -- of a high priority do not stand in the way of due ones below.
  priority_level(priority) as (
    (
      select waiting.priority
      from supaqueue.job as waiting
      where waiting.queue = (pair.queue).id and waiting.status = 'pending'
      order by waiting.priority desc
      limit 1
    )
    union all
    select (
      select waiting.priority
      from supaqueue.job as waiting
      where waiting.queue = (pair.queue).id and waiting.status = 'pending' and waiting.priority < priority_level.priority
      order by waiting.priority desc
      limit 1
    )
    from priority_level
    where priority_level.priority is not null
  ),
  due_job as (
    select due.id
    from priority_level
    cross join lateral (
      select waiting.id
      from supaqueue.job as waiting
      where waiting.queue = (pair.queue).id
        and waiting.status = 'pending'
        and waiting.priority = priority_level.priority
        and waiting.run_at <= at
      order by waiting.run_at, waiting.id
      for no key update skip locked
    ) as due
    where priority_level.priority is not null
    limit cardinality(seats)
  ),
  pairing as (
    select seats[row_number() over ()] as worker, due_job.id as job from due_job
  ),
  started_job as (
    update supaqueue.job
    set status = 'in_progress', attempts = job.attempts + 1, updated_at = at
    from pairing
    where job.id = pairing.job
  )
  insert into supaqueue.current_job (queue, worker, job, dispatcher, begun_at, lease_until)
  select
    (pair.queue).id,
    pairing.worker,
    pairing.job,
    pair.run,
    case when pair.run is not null then at end,
    -- The lease outlives the call and its report. A pairing that no run has
    -- begun has a short one: nothing is lost by taking it back.
    case when pair.run is null
      then at + interval '15 seconds'
      else at + ((pair.queue).timeout_ms + 10000) * interval '1 millisecond' end
  from pairing
  returning current_job.id, current_job.worker;

  if free_worker <> '{}' then
    update supaqueue.worker
    set locked = true
    where worker.id = any (free_worker)
      and exists (select from supaqueue.current_job where current_job.worker = worker.id);
  end if;

  perform set_config('supaqueue.pairing', '', true);
end;
$$;

comment on function supaqueue.pair(supaqueue.queue, integer, uuid, uuid[]) is 'Gives free workers of a queue its due jobs and returns the pairings.';
revoke execute on function supaqueue.pair(supaqueue.queue, integer, uuid, uuid[]) from public, anon, authenticated;
grant execute on function supaqueue.pair(supaqueue.queue, integer, uuid, uuid[]) to service_role;
