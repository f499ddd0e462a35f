-- report: the outcomes of calls are written down.
--
-- writes     supaqueue.job, supaqueue.current_job, supaqueue.attempt, and what note_counts and note_outcomes write
--
-- Reports match by token and nothing else: one that is late, doubled or made up
-- finds no current job and changes nothing. With a `queue` the tokens of others
-- are not valid either: their workers are not this queue's to give. Returns
--   freed  workers that have no job now. They are still marked locked: the
--          caller gives them the next job, or unlocks them.
--   again  tokens whose rows somebody else holds: to be reported once more
--   stale  tokens that are not valid (any more)
--   ended, call_ms, wait_ms
--          what note_counts is to have of them. With a `queue` the caller writes
--          it down with what else it did; without, it is written here.
--
-- Waits for nobody. A user who holds a job's row delays that job and no other.
-- What an outcome means for its job stands in the view supaqueue.outcome. The plan is held to nested loops over indexes: a scan would cost what finished
-- jobs and dead rows cost, and a planner that has not seen the table lately takes it.

create or replace function supaqueue_internal.report(
  reports jsonb, queue uuid default null,
  out freed uuid[], out again uuid[], out stale uuid[], out ended text[], out call_ms real[], out wait_ms real[]
)
language plpgsql
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
set enable_hashjoin = off
set enable_mergejoin = off
set jit = off
set plan_cache_mode = force_generic_plan
as $$
declare
  at timestamptz := clock_timestamp();
  settled uuid[];
  kept uuid[] := '{}';
  notable jsonb;
  reached text[];
  queues uuid[];
  batched boolean;
  is_written boolean;
  -- Assigned, not performed: an expression costs a fraction of a statement.
  internal_write text;
  nothing text;
begin
  if jsonb_path_exists(report.reports, '$[*] ? (@.outcome == "later")') then
    kept := supaqueue_internal.keep_for_later(report.reports, report.queue);
  end if;

  -- Deleting a current job by hand puts its job back; here it is on purpose.
  internal_write := set_config('supaqueue.internal_write', pg_trigger_depth()::text, true);

  with
  reported as (
    select distinct on (entry.token) entry.*
    from jsonb_to_recordset(report.reports) as entry (
      token uuid, outcome text, result jsonb, error text, retry_after_ms double precision,
      run_at timestamptz, state jsonb, status integer, ms double precision, head text, region text,
      reached boolean, lost boolean
    )
    where entry.outcome <> 'later'
  ),
  -- Not the view itself: each report would have all its rows computed anew.
  kinds as materialized (select * from supaqueue.outcome),
  settled_report as (
    select
      reported.*,
      case when reported.ms is not null then round(least(greatest(reported.ms, 0), 2147483647)::numeric, 3)::double precision end as took_ms,
      current_job.worker,
      current_job.call,
      current_job.call_size,
      current_job.job,
      current_job.queue,
      current_job.begun_at,
      -- Its time may have been written since it began, or the clock set back: then it did not wait.
      greatest(
        date_part('epoch', current_job.begun_at - case when job.run_at < '1970-01-02' then job.created_at else job.run_at end) * 1000, 0
      )::real as wait_ms,
      current_job.dispatcher,
      job.attempts,
      job.url,
      queue.keep_success_attempts,
      kind.attempt,
      kind.deferring,
      kind.reached as reaches,
      kind.recorded,
      kind.fault,
      kind.state as next_state,
      kind.bounded,
      case
        when kind.bounded = 'attempts' and job.attempts >= coalesce(job.max_attempts, queue.max_attempts)
          -- A call of one job cannot be divided. Nobody says so, and nobody is to call it for ever.
          or kind.bounded = 'division' and current_job.call_size = 1
          or kind.bounded = 'repeats' and job.repeats >= coalesce(queue.max_repeats, case when queue.url is not null then 100 end)
          or kind.bounded = 'deferrals' and (
            job.deferrals >= queue.max_deferrals
            or job.deferrals > 0 and job.deferred_since <= at - queue.max_defer_ms * interval '1 millisecond'
          )
        then 'failed'
        else kind.becomes
      end as fate,
      case
        when kind.wait = 'long' then
          case
            when reported.run_at is not null then least(greatest(reported.run_at, at), '9999-12-31 23:59:59+00') - at
            else least(greatest(coalesce(reported.retry_after_ms, 0), 0), 3e11) * interval '1 millisecond'
          end
        when kind.wait = 'short' or kind.wait = 'backoff' and reported.retry_after_ms is not null then
          least(greatest(
            coalesce(reported.retry_after_ms, 1000),
            -- Who says "not now, but at once" again and again is asked once a second in the end.
            case when kind.deferring = 'on' and job.deferrals > 0 then least(50 * 2 ^ least(job.deferrals, 10), 1000) else 0 end
          ), 3600000) * interval '1 millisecond'
        when kind.wait = 'backoff' then supaqueue_internal.backoff(
          job.attempts,
          coalesce(job.retry_base_ms, queue.retry_base_ms),
          queue.retry_factor,
          coalesce(job.retry_max_ms, queue.retry_max_ms)
        )
      end as wait
    from reported
    join kinds as kind on kind.outcome = reported.outcome
    join supaqueue.current_job on current_job.id = reported.token
    join supaqueue.job on job.id = current_job.job
    join supaqueue.queue on queue.id = job.queue
    -- The worker too: it is about to get its next job, and whoever is deleting
    -- it would otherwise be waited for.
    left join lateral (
      select worker.id from supaqueue.worker where worker.id = current_job.worker for no key update skip locked
    ) as held_worker on true
    where (current_job.worker is null or held_worker.id is not null)
      and (report.queue is null or current_job.queue = report.queue)
    for update of current_job, job skip locked
  ),
  taken_away as (
    delete from supaqueue.current_job
    where current_job.id = any (array(select settled_report.token from settled_report))
    returning current_job.id
  ),
  written as (
    update supaqueue.job
    set
      updated_at = at,
      status = settled_report.fate,
      attempts = case settled_report.attempt
        when 'returned' then greatest(job.attempts - 1, 0)
        when 'anew' then 0
        else job.attempts
      end,
      deferrals = case settled_report.deferring
        when 'on' then least(job.deferrals + 1, 1000000)
        when 'same' then job.deferrals
        else 0
      end,
      deferred_since = case
        when settled_report.deferring = 'on' and job.deferrals = 0 then at
        when settled_report.deferring <> 'off' then job.deferred_since
      end,
      repeats = least(job.repeats + (settled_report.attempt = 'anew')::integer, 1000000),
      batch_limit = case
        when settled_report.bounded = 'division' then (settled_report.call_size + 1) / 2
        when settled_report.attempt <> 'anew' and settled_report.fate <> 'success' then job.batch_limit
      end,
      lost_claims = least(job.lost_claims + coalesce(settled_report.lost, false)::integer, 1000000),
      run_at = case when settled_report.fate = 'pending' then coalesce(at + settled_report.wait, job.run_at) else job.run_at end,
      finished_at = case when settled_report.fate in ('success', 'failed') then at end,
      result = settled_report.result,
      call_ms = coalesce(settled_report.took_ms, job.call_ms),
      error = case
        when settled_report.bounded = 'repeats' and settled_report.fate = 'failed' then
          format('%s %s times, and its queue allows no more (max_repeats)', settled_report.outcome, job.repeats)
        when settled_report.bounded = 'deferrals' and settled_report.fate = 'failed' then
          format('deferred %s times, at last: %s', job.deferrals + 1, coalesce(settled_report.error, 'deferred'))
        when settled_report.fault then coalesce(settled_report.error, settled_report.outcome)
      end,
      state = case settled_report.next_state
        when 'given' then settled_report.state
        when 'kept' then job.state
      end
    from settled_report
    where job.id = settled_report.job
    returning job.id
  )
  select
    coalesce(array_agg(settled_report.worker) filter (where settled_report.worker is not null), '{}'),
    coalesce(array_agg(settled_report.token), '{}'),
    (
      -- A batch is one call.
      select array_agg(through.url)
      from (
        select distinct on (coalesce(entry.call, entry.token)) entry.url
        from settled_report as entry
        where entry.reaches and entry.reached is distinct from false
        order by coalesce(entry.call, entry.token)
      ) as through
    ),
    jsonb_agg(to_jsonb(settled_report) - 'result' - 'state') filter (
      where settled_report.recorded or settled_report.fate = 'success' and settled_report.keep_success_attempts
    ),
    array_agg(case
      when settled_report.bounded is not null and settled_report.fate = 'failed' then 'failed'
      when settled_report.bounded = 'attempts' then 'retried'
      else settled_report.outcome
    end),
    array_agg(settled_report.took_ms::real),
    array_agg(settled_report.wait_ms),
    array_agg(settled_report.queue) filter (where report.queue is null),
    bool_or(settled_report.call is not null),
    (select count(*) from written) = count(*) and (select count(*) from taken_away) = count(*)
  into freed, settled, reached, notable, ended, call_ms, wait_ms, queues, batched, is_written
  from settled_report;

  internal_write := set_config('supaqueue.internal_write', '', true);

  -- What was said would be lost, or could be said twice.
  if not is_written then
    perform supaqueue_internal.refuse_unwritten('supaqueue.job or supaqueue.current_job');
  end if;

  if batched then
    freed := supaqueue_internal.idle_workers(freed);
  end if;
  if notable is not null then
    insert into supaqueue.attempt (job, attempt, outcome, begun_at, ended_at, ms, status, error, head, run, region)
    select
      entry.job, entry.attempts, entry.outcome, entry.begun_at, at, entry.took_ms, entry.status, entry.error,
      left(entry.head, 1000),
      -- keep_for_later has written the token there where the function is to report by itself: no run.
      nullif(entry.dispatcher, entry.token),
      entry.region
    from jsonb_to_recordset(notable) as entry (
      token uuid, job bigint, attempts integer, outcome text, begun_at timestamptz, took_ms double precision, status integer,
      error text, head text, dispatcher uuid, region text
    )
    where entry.outcome <> 'dropped';

    if 'dropped' = any (ended) then
      delete from supaqueue.job
      using jsonb_to_recordset(notable) as entry (job bigint, outcome text)
      where job.id = entry.job and entry.outcome = 'dropped';
    end if;
  end if;
  if report.queue is not null then
    if kept <> '{}' then
      reached := reached || array(
        select job.url from supaqueue.current_job join supaqueue.job on job.id = current_job.job where current_job.id = any (kept)
      );
    end if;
    nothing := supaqueue_internal.note_outcomes(report.queue, reached, notable);
  elsif queues is not null then
    perform supaqueue_internal.note_counts(
      entry.queue, ended => array_agg(entry.ended), call_ms => array_agg(entry.call_ms), wait_ms => array_agg(entry.wait_ms)
    )
    from unnest(queues, report.ended, report.call_ms, report.wait_ms) as entry (queue, ended, call_ms, wait_ms)
    group by entry.queue;
  end if;

  settled := settled || kept;
  again := '{}';
  stale := '{}';
  if cardinality(settled) < jsonb_array_length(report.reports) then
    -- One that says nothing that is known was not settled either.
    perform supaqueue_internal.assert_reports(report.reports);
    select
      coalesce(array_agg(entry.token) filter (where current_job.id is not null), '{}'),
      coalesce(array_agg(entry.token) filter (where current_job.id is null), '{}')
    into again, stale
    from jsonb_to_recordset(report.reports) as entry (token uuid)
    left join supaqueue.current_job on current_job.id = entry.token
      and (report.queue is null or current_job.queue = report.queue)
    where entry.token <> all (settled);
  end if;
end;
$$;

comment on function supaqueue_internal.report(jsonb, uuid) is 'Writes down the outcomes of calls, by token. Returns freed workers and the tokens that changed nothing.';
