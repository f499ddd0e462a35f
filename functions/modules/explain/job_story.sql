-- job_story: all there is to tell of one job, as one value: what is read of a job that runs fits together.
--
-- called by  users, the console, `supaqueue job`
-- reads      supaqueue.job, and what belongs to it: current_job, attempt, step, job_dependency; what explain reads; locks nothing
--
-- Returns {now, queue, queue_id, job, max_attempts, payload, result, state, explain, lease, tries, steps, sources, targets, copies}.
--   queue     the name of its queue
--   job       its row, without payload, result and state, which stand beside it
--   explain   what explain says
--   lease     {id, run, worker, begun_at, lease_until} while it is in progress, or null
--   tries     the last hundred attempts that were written down, the first one first
--   steps     the parts of its function that are remembered: the first two hundred, without results
--   sources, targets   what it waits for, and what waits for it: fifty of each
--   copies    jobs that are copies of it: the first ten
-- A value that would unfold is not shown, and says so. Error: SQ404.

create or replace function supaqueue.job_story(job bigint)
returns jsonb
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  story jsonb;
begin
  select jsonb_build_object(
    'now', clock_timestamp(),
    'queue', queue.name,
    'queue_id', found_job.queue,
    'job', to_jsonb(found_job) - '{payload,result,state,queue}'::text[],
    'max_attempts', coalesce(found_job.max_attempts, queue.max_attempts),
    'payload', supaqueue_internal.shown(found_job.payload),
    'result', supaqueue_internal.shown(found_job.result),
    'state', supaqueue_internal.shown(found_job.state),
    'explain', supaqueue.explain(found_job.id),
    'lease', (
      select jsonb_build_object(
        'id', lease.id, 'run', nullif(lease.dispatcher, lease.id), 'worker', lease.worker,
        'begun_at', lease.begun_at, 'lease_until', lease.lease_until
      )
      from supaqueue.current_job as lease
      where lease.job = found_job.id
    ),
    'tries', (
      select coalesce(jsonb_agg(to_jsonb(try) - 'job' order by try.id), '[]')
      from (select * from supaqueue.attempt where attempt.job = found_job.id order by attempt.id desc limit 100) as try
    ),
    'steps', (
      select coalesce(jsonb_agg(to_jsonb(part) - '{job,result,bytes,key}'::text[] order by part.place, part.item), '[]')
      from (select * from supaqueue.step where step.job = found_job.id order by step.place, step.item limit 200) as part
    ),
    -- `+ 0` where few are found by another index: the order of ids leads past all jobs.
    'sources', (
      select coalesce(jsonb_agg(to_jsonb(edge) order by edge.job), '[]')
      from (
        select other.id as job, home.name as queue, other.status, dependency.on_failure, dependency.ended_as
        from supaqueue.job_dependency as dependency
        join supaqueue.job as other on other.id = dependency.source
        join supaqueue.queue as home on home.id = other.queue
        where dependency.target = found_job.id
        order by other.id + 0
        limit 50
      ) as edge
    ),
    'targets', (
      select coalesce(jsonb_agg(to_jsonb(edge) order by edge.job), '[]')
      from (
        select other.id as job, home.name as queue, other.status, dependency.on_failure, dependency.ended_as
        from supaqueue.job_dependency as dependency
        join supaqueue.job as other on other.id = dependency.target
        join supaqueue.queue as home on home.id = other.queue
        where dependency.source = found_job.id
        order by other.id + 0
        limit 50
      ) as edge
    ),
    'copies', array(select copy.id from supaqueue.job as copy where copy.retry_of = found_job.id order by copy.id + 0 limit 10)
  )
  into story
  from supaqueue.job as found_job
  join supaqueue.queue on queue.id = found_job.queue
  where found_job.id = job_story.job;

  if story is null then
    raise exception using
      errcode = 'SQ404',
      message = format('there is no job %s', coalesce(job_story.job::text, 'null')),
      hint = 'It was deleted, or pruned after its time: keep_success and keep_failed of its queue say when.';
  end if;
  return story;
end;
$$;

comment on function supaqueue.job_story(bigint) is 'Everything about one job: its row, why it waits, attempts, steps, and the jobs around it.';
