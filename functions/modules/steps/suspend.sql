-- suspend: a function has nothing to do but to wait. Its call ends, and the job comes back
-- when the first of what it waits for has come.
--
-- called by  users' functions, by the token they were called with
-- locks      the names of the keys it waits by, then the job
-- writes     supaqueue.step, what settle_steps and finish write
--
-- `steps` are its open sleeps and waits, and steps that are to be tried again: name,
-- occurrence, place, alone; kind; of a sleep or wait that is new after_ms or at, and of a wait
-- key. With `slice` the job comes back at once: there was no time left for the next step.
--
-- Returns {suspended: true, until}, and the token is no longer valid: no attempt was used.
-- Or {suspended: false, steps}, when some of these are over already: the function goes on.
-- One transaction looks for signals and ends the call while it holds the job. A signal does
-- the same when it commits (deliver_signal): whoever is second sees the first.
-- Errors: SQ404, SQ409, SQ422.

create or replace function supaqueue.suspend(token uuid, steps jsonb default '[]', slice boolean default false)
returns jsonb
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  moment timestamptz;
  target bigint;
  one_key text;
  ended jsonb;
  next_at timestamptz;
  reason text;
begin
  perform supaqueue_internal.assert_steps(suspend.steps);

  -- Before the job, and in one order, as everybody does.
  for one_key in
    select distinct entry.key from jsonb_to_recordset(suspend.steps) as entry (key text) where entry.key is not null order by 1
  loop
    perform supaqueue_internal.take_name('signal', one_key);
  end loop;
  perform supaqueue.assert_lease(suspend.token);
  moment := clock_timestamp();
  select current_job.job into target from supaqueue.current_job where current_job.id = suspend.token;

  insert into supaqueue.step (job, name, occurrence, kind, status, place, alone, key, until, begun_at)
  select
    target, entry.name, coalesce(entry.occurrence, 1), entry.kind, case entry.kind when 'sleep' then 'sleeping' else 'waiting' end,
    entry.place, coalesce(entry.alone, false), case when entry.kind = 'wait' then entry.key end,
    case when num_nonnulls(entry.at, entry.after_ms) > 0 then least(greatest(
      coalesce(entry.at, moment + least(entry.after_ms, 3e12) * interval '1 millisecond'), '1900-01-02 00:00:00+00'
    ), '9999-12-31 23:59:59+00') end,
    moment
  from jsonb_to_recordset(suspend.steps) as entry (
    name text, occurrence integer, place integer, alone boolean, kind text, key text, at timestamptz, after_ms double precision
  )
  where entry.kind in ('sleep', 'wait')
  on conflict (job, name, occurrence, item) do nothing;

  perform supaqueue_internal.settle_steps(target, moment, keyed => true);

  select
    jsonb_agg(supaqueue_internal.step_shown(step, moment) order by step.ended_at, step.place) filter (
      where step.status in ('done', 'timed_out', 'given_up') or step.status = 'failed' and step.until <= moment
    ),
    min(step.until),
    string_agg(distinct case step.status
      when 'waiting' then format('waits for the signal %s', step.name)
      when 'sleeping' then format('sleeps: %s', step.name)
      else format('tries the step %s again later', step.name) end, '; ')
  into ended, next_at, reason
  from jsonb_to_recordset(suspend.steps) as entry (name text, occurrence integer, item integer)
  join supaqueue.step on step.job = target
    and step.name = entry.name
    and step.occurrence = coalesce(entry.occurrence, 1)
    and step.item = coalesce(entry.item, 0);

  if ended is not null then
    return jsonb_build_object('suspended', false, 'steps', ended);
  end if;
  if suspend.slice then
    next_at := moment;
    reason := 'goes on in the next slice';
  elsif reason is null then
    raise exception using
      errcode = 'SQ422',
      message = 'a function is suspended until something comes, and it waits for nothing',
      hint = 'Name what it waits for in steps, or say slice. Nothing was changed.';
  end if;

  perform supaqueue.finish(suspend.token, 'reschedule', at => coalesce(next_at, '9999-12-31 23:59:59+00'), message => reason);
  return jsonb_build_object('suspended', true, 'until', next_at);
end;
$$;

comment on function supaqueue.suspend(uuid, jsonb, boolean) is 'Ends the call of a function that waits. The job continues when what it waits for has come.';
