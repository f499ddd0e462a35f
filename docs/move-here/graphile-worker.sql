-- Moves the waiting jobs of graphile-worker (0.16 and 0.17) to supaqueue, in one transaction: a job is here or there, never both.
-- What it has at work, or has given up, stays. It may run while graphile-worker does, and again: it moves what has come since.
--
-- Run it as the owner of both, after supaqueue was installed: psql -f graphile-worker.sql
begin;

-- Each task becomes a queue, which calls the edge function of the same name. Change the function, and how many calls run at once, by
-- create_queue afterwards. A queue that is here already is left as it is. Jobs of a named queue run one after the other, as there.
select supaqueue.create_queue(
  task.identifier,
  function => regexp_replace(task.identifier, '[^A-Za-z0-9_-]+', '-', 'g'),
  workers => 1,
  per_key => 1
)
from graphile_worker._private_tasks as task
where not exists (select from supaqueue.queue where queue.name = task.identifier);

with waiting as (
  select theirs.id
  from graphile_worker._private_jobs as theirs
  where theirs.is_available
  for update skip locked
),
taken as (
  delete from graphile_worker._private_jobs as theirs
  using waiting
  where theirs.id = waiting.id
  returning theirs.*
)
insert into supaqueue.job
  (queue, payload, priority, run_at, attempts, max_attempts, created_at, dedupe_key, concurrency_key)
select queue.id, taken.payload::jsonb,
  -- There the lower one comes first.
  -taken.priority,
  taken.run_at, taken.attempts, taken.max_attempts, taken.created_at,
  case when not exists (select from supaqueue.job where job.queue = queue.id and job.dedupe_key = taken.key) then taken.key end,
  named.queue_name
from taken
join graphile_worker._private_tasks as task on task.id = taken.task_id
join supaqueue.queue on queue.name = task.identifier
left join graphile_worker._private_job_queues as named on named.id = taken.job_queue_id
order by taken.priority, taken.run_at, taken.id;

commit;
