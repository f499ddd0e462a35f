-- load_steps: what is remembered of a job, for its function, which has just asked for a step.
--
-- called by  users' functions, by the token they were called with, once a call
-- locks      the job
-- writes     what settle_steps writes
--
-- Returns {steps, more, left_ms, wall_clock_ms}: the steps by their place, but the first
-- `after` of them, some four megabytes at most, and whether there are more; how long
-- the call may still take, null when nobody waits for its answer; and the setting
-- wall_clock_ms, if there is one. Error: SQ404.

create or replace function supaqueue.load_steps(token uuid, after integer default 0)
returns jsonb
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  at timestamptz;
  target bigint;
  left_ms double precision;
  steps jsonb;
  known integer;
begin
  perform supaqueue.assert_lease(load_steps.token);
  at := clock_timestamp();

  select
    current_job.job,
    case when current_job.dispatcher <> current_job.id then
      coalesce(job.timeout_ms, queue.timeout_ms) - date_part('epoch', at - current_job.begun_at) * 1000
    end
  into target, left_ms
  from supaqueue.current_job
  join supaqueue.job on job.id = current_job.job
  join supaqueue.queue on queue.id = job.queue
  where current_job.id = load_steps.token;

  perform supaqueue_internal.settle_steps(target, at, keyed => false);

  select
    coalesce(jsonb_agg(supaqueue_internal.step_shown(counted.step, at) order by counted.number)
      filter (where counted.bytes <= 4000000 or counted.number = greatest(load_steps.after, 0)::bigint + 1), '[]'),
    count(*)
  into steps, known
  from (
    select numbered.step, numbered.number, sum((numbered.step).bytes + 400) over (order by numbered.number) as bytes
    from (
      select step, row_number() over (order by step.place, step.item) as number
      from supaqueue.step
      where step.job = target
    ) as numbered
    where numbered.number > greatest(load_steps.after, 0)
  ) as counted;

  return jsonb_build_object(
    'steps', steps,
    'more', jsonb_array_length(steps) < known,
    'left_ms', round(left_ms::numeric),
    'wall_clock_ms', (select setting.value from supaqueue.setting where setting.name = 'wall_clock_ms')
  );
end;
$$;

comment on function supaqueue.load_steps(uuid, integer) is 'Returns the stored steps of a current job.';
