-- process_jobs: pair every free worker of a queue with a due job.
--
-- called by  people, by hand
-- writes     what claim and wake write
--
-- Returns how many jobs were paired. Safe to call at any time, from any number
-- of sessions: nobody waits. Needs read committed; under any other isolation
-- level it would pair by an old picture, so it only wakes a run and returns 0.

create or replace function supaqueue.process_jobs(queue uuid)
returns integer
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  target supaqueue.queue;
  paired integer;
  calls integer;
begin
  if current_setting('transaction_isolation') <> 'read committed' then
    perform supaqueue_internal.wake(process_jobs.queue);
    return 0;
  end if;

  select * into target from supaqueue.queue where queue.id = process_jobs.queue;
  if target.id is null then
    raise exception using
      errcode = 'SQ404',
      message = format('queue %s does not exist', process_jobs.queue),
      hint = 'Look for its id: select id, name from supaqueue.queue.';
  end if;
  if target.paused then
    return 0;
  end if;

  -- A batch is one call, and has one worker.
  select count(*), count(distinct pairing.worker_id) into paired, calls from supaqueue_internal.claim(target, null) as pairing;
  if calls > 0 then
    perform supaqueue_internal.wake(target.id, calls);
  end if;
  return paired;
end;
$$;

comment on function supaqueue.process_jobs(uuid) is 'Pairs every free worker of a queue with a due job. Returns how many.';

-- The same for every queue.
create or replace function supaqueue.process_jobs()
returns integer
language sql
set search_path = pg_catalog, pg_temp
as $$
  select coalesce(sum(supaqueue.process_jobs(queue.id)), 0)::integer
  from supaqueue.queue
  where not queue.paused
    and exists (select from supaqueue.worker where worker.queue = queue.id and not worker.locked)
    and supaqueue_internal.count_due(queue.id, clock_timestamp()) > 0
$$;

comment on function supaqueue.process_jobs() is 'Pairs every free worker of every queue with a due job. Returns how many.';
