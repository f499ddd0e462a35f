-- finish: a function that answered "I will report later" says how its job ended.
--
-- called by  users' functions, by the token they were called with
-- writes     what report writes; unlocks the worker
--
-- outcome     what it means                             what else it takes
-- complete    done                                      result
-- reject      failed: try again, with backoff           message, after_ms
-- reschedule  not now: try again then, attempts anew    at or after_ms, message
-- kill        failed for good                           message
-- drop        done, and not worth keeping: deleted
-- continue    call again at once with this state        state, after_ms
-- park        held until somebody releases it           message
--
-- Errors: SQ404 when there is no such current job (any more), SQ409 when somebody
-- else holds the job's row, SQ413 when the state is larger than 256 kB, SQ422 when
-- what was said is not valid. Nothing is changed then.

create or replace function supaqueue.finish(
  token uuid,
  outcome text,
  result jsonb default null,
  message text default null,
  at timestamptz default null,
  after_ms integer default null,
  state jsonb default null
)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  -- Whoever has the token reports now, and not later.
  ends_as constant text := (
    select outcome.outcome from supaqueue.outcome where outcome.word = finish.outcome and outcome.outcome <> 'later'
  );
  bytes constant text := supaqueue_internal.oversize(finish.state, 262144);
  kept jsonb;
  settled record;
begin
  if ends_as is null then
    raise exception using
      errcode = 'SQ422',
      message = format('a job cannot end by %L', finish.outcome),
      hint = 'The outcome is complete, reject, reschedule, kill, drop, continue or park. Nothing was changed.';
  end if;
  if finish.outcome = 'reschedule' and num_nonnulls(finish.at, finish.after_ms) <> 1
    or finish.at = '-infinity' or finish.at >= '10000-01-01 00:00:00+00'
    or finish.after_ms < 0
  then
    raise exception using
      errcode = 'SQ422',
      message = 'a job is rescheduled to a time (at), or after so many milliseconds (after_ms)',
      hint = 'Give one of the two; at is before the year 10000, after_ms is not negative. Nothing was changed.';
  end if;

  if finish.outcome = 'continue' and jsonb_typeof(coalesce(finish.state, 'null')) = 'null' then
    raise exception using
      errcode = 'SQ422',
      message = 'a job continues with a state',
      hint = 'Give what the next call is to go on from as state; to start over, reschedule. Nothing was changed.';
  end if;

  perform supaqueue_internal.assert_json('the state', finish.state);
  perform supaqueue_internal.assert_json('the result', finish.result);

  -- As much as a function can say in an answer; every further call brings it along.
  if bytes is not null then
    raise exception using
      errcode = 'SQ413',
      message = format('the state has %s bytes, and a job keeps at most 262144', bytes),
      hint = 'Nothing was changed. Put large data into Storage or a table, and only its location into the state.';
  end if;

  -- Cut as the dispatcher cuts a long answer.
  if finish.outcome = 'complete' then
    select case
      -- One of many megabytes is not written out for its beginning.
      when supaqueue_internal.oversize(finish.result, 8388608) is not null
      then '{"truncated": true, "text": ""}'
      when supaqueue_internal.oversize(finish.result, queue.result_max_bytes) is not null
      then jsonb_build_object('truncated', true, 'text', left(finish.result::text, queue.result_max_bytes))
      else finish.result end
    into kept
    from supaqueue.current_job
    join supaqueue.queue on queue.id = current_job.queue
    where current_job.id = finish.token;
  end if;

  perform supaqueue_internal.lock_call(finish.token);
  select * into settled
  from supaqueue_internal.report(jsonb_build_array(jsonb_build_object(
    -- A null is no current job's token: refused as such, not as a report that is malformed.
    'token', coalesce(finish.token, gen_random_uuid()),
    'outcome', ends_as,
    'result', kept,
    'error', left(finish.message, 500),
    'run_at', finish.at,
    'retry_after_ms', finish.after_ms,
    'state', finish.state
  )));

  if cardinality(settled.again) > 0 then
    raise exception using
      errcode = 'SQ409',
      message = format('the job of current job %s is held by another transaction', finish.token),
      hint = 'Nothing was changed. Try again once that transaction has ended.';
  end if;
  if cardinality(settled.stale) > 0 then
    perform supaqueue_internal.refuse_token(finish.token);
  end if;

  update supaqueue.worker set locked = false where worker.id = any (settled.freed);
end;
$$;

comment on function supaqueue.finish(uuid, text, jsonb, text, timestamptz, integer, jsonb) is 'Ends a current job by its token: complete, reject, reschedule, kill, drop, continue or park.';
