-- queue_faults: why the jobs of single queues are not begun.
--
-- reads      supaqueue.queue, supaqueue.worker, supaqueue.heartbeat, what count_due and circuit_faults read; locks nothing
--
-- A list of findings: at most a hundred of each kind. What is paused is an info, for somebody wanted it so. A queue
-- stands still when a job has been due for half a minute, a worker is free and no run is there; that is looked for
-- in at most two hundred queues that no run keeps awake and that have pending jobs.

create or replace function supaqueue_internal.queue_faults()
returns jsonb
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
  at constant timestamptz := clock_timestamp();
  listed jsonb := '[]';
  paused supaqueue.queue;
  entry record;
  story jsonb;
begin
  for paused in select queue.* from supaqueue.queue where queue.paused order by queue.name limit 100 loop
    story := supaqueue_internal.pause_story(paused.id);
    listed := listed || supaqueue_internal.finding(
      'paused', 'info', format('%s is %s', paused.name, story ->> 'text'),
      format('select supaqueue.resume(%L);', paused.name), (story ->> 'since')::timestamptz, paused.name
    );
  end loop;

  listed := listed || supaqueue_internal.circuit_faults();

  for entry in
    select candidate.name, candidate.workers, supaqueue_internal.oldest_due(candidate.id) as oldest
    from (
      select
        queue.id, queue.name,
        (select count(*) from supaqueue.worker where worker.queue = queue.id) as workers
      from supaqueue.queue
      left join supaqueue.heartbeat on heartbeat.queue = queue.id
      where not queue.paused
        and queue.mode = 'push'
        and exists (select from supaqueue.job where job.queue = queue.id and job.status = 'pending')
        and not exists (select from supaqueue.circuit
          where circuit.open_until is not null
            and circuit.target = (select supaqueue_internal.target_of(home) from supaqueue.queue as home where home.id = queue.id)
        )
        and (
          -- A run that looks there is awake for a while, and may begin nothing.
          not exists (select from supaqueue.worker where worker.queue = queue.id)
          or (heartbeat.run is null or heartbeat.awake_until is null or heartbeat.awake_until <= at)
            and exists (select from supaqueue.worker where worker.queue = queue.id and not worker.locked)
        )
      order by queue.name
      limit 200
    ) as candidate
    where supaqueue_internal.count_due(
      candidate.id, at - case when candidate.workers = 0 then interval '0' else interval '30 seconds' end, 1
    ) > 0
    limit 100
  loop
    if entry.workers = 0 then
      listed := listed || supaqueue_internal.finding(
        'no_workers', 'error', format('jobs of %s wait, and it has no worker', entry.name),
        format('select supaqueue.set_concurrency(%L, 1);', entry.name), entry.oldest, entry.name
      );
    else
      listed := listed || supaqueue_internal.finding(
        'stands_still', 'error',
        format('%s stands still: a job has been due for %s, a worker is free, and no run has come', entry.name, supaqueue_internal.say_interval(at - entry.oldest)),
        'select supaqueue.sweep();', entry.oldest, entry.name
      );
    end if;
  end loop;
  return listed;
end;
$$;

comment on function supaqueue_internal.queue_faults() is 'Why the jobs of single queues are not begun.';
