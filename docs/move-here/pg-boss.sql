-- Moves the waiting jobs of pg-boss 10 to 12 to supaqueue, in one transaction: a job is here or there, never both. What
-- pg-boss has at work, or has ended, stays. It may run while pg-boss does, and again: it moves what has come since.
--
-- Run it as the owner of both, after supaqueue was installed: psql -f pg-boss.sql
begin;

-- Each queue of pg-boss becomes one of supaqueue, which calls the edge function of the same name. Change the function, and how many
-- calls run at once, by create_queue afterwards. A queue that is here already is left as it is.
select supaqueue.create_queue(
  theirs.name,
  function => regexp_replace(theirs.name, '[^A-Za-z0-9_-]+', '-', 'g'),
  workers => 1,
  max_attempts => coalesce(theirs.retry_limit, 2) + 1,
  retry_base_ms => greatest(coalesce(theirs.retry_delay, 1), 1) * 1000,
  -- The longest that supaqueue lets a call take is 400 seconds.
  timeout_ms => least(coalesce(theirs.expire_seconds, 60), 400) * 1000
)
from pgboss.queue as theirs
where theirs.name not like '\_\_pgboss\_\_%'
  and not exists (select from supaqueue.queue where queue.name = theirs.name);

with waiting as (
  select theirs.id, theirs.name
  from pgboss.job as theirs
  where theirs.state in ('created', 'retry') and theirs.name not like '\_\_pgboss\_\_%'
  for update skip locked
),
taken as (
  delete from pgboss.job as theirs
  using waiting
  where theirs.id = waiting.id and theirs.name = waiting.name
  returning theirs.*
)
insert into supaqueue.job (queue, payload, priority, run_at, attempts, max_attempts, created_at, dedupe_key)
select queue.id, coalesce(taken.data, '{}'), taken.priority, taken.start_after,
  case when taken.started_on is null then 0 else least(taken.retry_count + 1, taken.retry_limit) end,
  taken.retry_limit + 1, taken.created_on,
  -- A singletonKey may stand more than once there: the first keeps it.
  case
    when taken.singleton_key is not null and row_number() over (
      partition by taken.name, taken.singleton_key order by taken.created_on, taken.id
    ) = 1 and not exists (
      select from supaqueue.job where job.queue = queue.id and job.dedupe_key = taken.singleton_key
    ) then taken.singleton_key
  end
from taken
join supaqueue.queue on queue.name = taken.name
order by taken.priority desc, taken.created_on, taken.id;

commit;
