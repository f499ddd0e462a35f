-- note_steps: a function says what its steps have brought.
--
-- called by  users' functions, by the token they were called with
-- locks      the job: an attempt whose lease has run out gets SQ404 and writes nothing
-- writes     supaqueue.step; supaqueue.job (progress), supaqueue.current_job
--
-- An entry of `steps` has name, occurrence, item, kind, version, place, alone, items, fingerprint;
-- status: running, failed, given_up or done; attempt, its number; ms, how long it took so
-- far; result, error; after_ms, when its own retries try a failed one again. What is over is
-- never written over. `percent` and `note` are the progress of the job.
-- Errors: SQ404, SQ413, SQ422.

create or replace function supaqueue.note_steps(token uuid, steps jsonb, percent numeric default null, note text default null)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  -- Of those that did not succeed, so many are shown.
  most_tries constant integer := 20;
  at timestamptz;
  target bigint;
  was_called boolean;
begin
  perform supaqueue_internal.assert_steps(note_steps.steps);
  perform supaqueue.assert_lease(note_steps.token);
  at := clock_timestamp();
  select current_job.job, current_job.called into target, was_called
  from supaqueue.current_job where current_job.id = note_steps.token;

  insert into supaqueue.step as known (
    job, name, occurrence, item, kind, status, version, place, alone, attempts, items, until, begun_at, ended_at,
    ms, result, bytes, error, tries, fingerprint
  )
  select
    target, entry.name, coalesce(entry.occurrence, 1), coalesce(entry.item, 0), coalesce(entry.kind, 'run'), entry.status,
    entry.version, entry.place, coalesce(entry.alone, false), coalesce(entry.attempt, 1), entry.items,
    case when entry.status = 'failed' and entry.after_ms is not null then
      at + least(greatest(entry.after_ms, 0), 3e12) * interval '1 millisecond'
    end,
    at - least(greatest(coalesce(entry.ms, 0), 0), 1e9) * interval '1 millisecond',
    case when entry.status in ('done', 'given_up') then at end,
    least(greatest(entry.ms, 0), 1e9), entry.result,
    case when entry.result is null then 0 else pg_column_size(entry.result) end,
    left(entry.error, 1000),
    case when entry.status in ('failed', 'given_up') then jsonb_build_array(jsonb_build_object(
      'attempt', coalesce(entry.attempt, 1), 'at', at, 'ms', entry.ms, 'error', left(entry.error, 1000)
    )) else '[]' end,
    entry.fingerprint
  from (
    select distinct on (item.name, coalesce(item.occurrence, 1), coalesce(item.item, 0))
      -- A null that a step has brought is not nothing.
      item.*, given.value -> 'result' as result
    from jsonb_array_elements(note_steps.steps) with ordinality as given (value, number)
    cross join jsonb_to_record(given.value) as item (
      name text, occurrence integer, item integer, kind text, status text, version text, place integer, alone boolean,
      attempt integer, items integer, after_ms double precision, ms double precision, error text, fingerprint text
    )
    order by item.name, coalesce(item.occurrence, 1), coalesce(item.item, 0), given.number desc
  ) as entry
  on conflict (job, name, occurrence, item) do update
  set
    status = excluded.status,
    version = coalesce(excluded.version, known.version),
    attempts = greatest(known.attempts, excluded.attempts),
    items = coalesce(excluded.items, known.items),
    fingerprint = coalesce(excluded.fingerprint, known.fingerprint),
    until = excluded.until,
    ended_at = excluded.ended_at,
    ms = excluded.ms,
    result = excluded.result,
    bytes = excluded.bytes,
    error = excluded.error,
    tries = jsonb_path_query_array(
      known.tries
        -- It was under way, and nobody said how it ended.
        || case when known.status = 'running' and excluded.attempts > known.attempts then jsonb_build_array(jsonb_build_object(
          'attempt', known.attempts, 'at', known.begun_at, 'error', 'its call ended before it did'
        )) else '[]' end
        -- One that is remembered from now on had been told already.
        || case when known.status = 'failed' and excluded.attempts = known.attempts then '[]' else excluded.tries end,
      format('$[last - %s to last]', most_tries - 1)::jsonpath
    )
  where known.status not in ('done', 'given_up', 'timed_out');

  if not was_called then
    -- Who knows the token was called.
    update supaqueue.current_job set called = true where current_job.id = note_steps.token;
  end if;
  if note_steps.percent is not null or note_steps.note is not null then
    perform supaqueue.progress(note_steps.token, note_steps.percent, note_steps.note);
  end if;
end;
$$;

comment on function supaqueue.note_steps(uuid, jsonb, numeric, text) is 'Stores what the steps of a current job returned.';
