-- explain: where a job stands, and why it is not running, in plain words.
--
-- called by  users, the console
-- reads      everything that decides; locks nothing
--
-- Returns {job, status, text, reasons}: `text` is one sentence, `reasons` a list of
-- {code, text, ...}, one for each thing that would have to change. Error: SQ404.

create or replace function supaqueue.explain(job bigint)
returns jsonb
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  at constant timestamptz := clock_timestamp();
  seen supaqueue.job;
  lease supaqueue.current_job;
  aside jsonb;
  sources jsonb;
  ended_badly jsonb;
  behind bigint;
  swept timestamptz;
  reasons jsonb := '[]';
  story text;
begin
  select * into seen from supaqueue.job where job.id = explain.job;
  if seen.id is null then
    raise exception using
      errcode = 'SQ404',
      message = format('there is no job %s', coalesce(explain.job::text, 'null')),
      hint = 'It was deleted, or pruned after its time. Look for others: select id, status from supaqueue.job.';
  end if;

  if seen.status = 'pending' then
    reasons := supaqueue_internal.why_stopped(seen.queue, supaqueue_internal.why_waiting(seen));
    select last_sweep.swept_at into swept from supaqueue.last_sweep;
    if reasons = '[]' then
      reasons := jsonb_build_array(case
        when exists (
          select from supaqueue.heartbeat where heartbeat.queue = seen.queue and heartbeat.awake_until > at
        ) then jsonb_build_object('code', 'awake', 'text', 'a run is awake and takes it with its next look')
        else jsonb_build_object(
          'code', 'asleep',
          'text', concat('nobody is awake; the sweep calls a run', ', it last ran ' || supaqueue_internal.say_interval(at - swept) || ' ago'),
          'swept_at', swept
        ) end);
    end if;
    -- `waits for the signal` says so by itself.
    story := regexp_replace('waits: ' || (
      select string_agg(reason.value ->> 'text', '; ' order by reason.place)
      from jsonb_array_elements(reasons) with ordinality as reason (value, place)
    ), '^waits: waits ', 'waits ');
    if seen.attempts > 0 then
      story := format('%s (attempt %s failed: %s)', story, seen.attempts, coalesce(left(seen.error, 200), 'no error kept'));
    elsif seen.deferrals > 0 then
      story := format('%s (deferred %s times, at last: %s)', story, seen.deferrals, coalesce(left(seen.error, 200), 'no error kept'));
    end if;

  elsif seen.status = 'held' then
    select
      jsonb_agg(edge.source order by edge.source) filter (where edge.ended_as is null),
      jsonb_agg(edge.source order by edge.source) filter (where edge.ended_as <> 'success' and edge.on_failure = 'hold')
    into sources, ended_badly
    from supaqueue.job_dependency as edge
    where edge.target = seen.id;
    behind := case when sources is not null then supaqueue_internal.source_behind(seen.id) end;
    reasons := jsonb_build_array(case
      when behind is not null then jsonb_build_object(
        'code', 'order',
        'text', format(
          'held by job %s, which comes after it in its line: each waits for the other. Cancel one of them, or delete the dependency: delete from supaqueue.job_dependency where target = %s;',
          behind, seen.id
        ),
        'job', behind, 'sources', sources
      )
      when sources is not null then jsonb_build_object(
        'code', 'sources',
        'text', format(
          'held by %s not ended', case when jsonb_array_length(sources) = 1
            then '1 source that has' else jsonb_array_length(sources) || ' sources that have' end
        ),
        'sources', sources
      )
      when ended_badly is not null then jsonb_build_object(
        'code', 'sources_failed',
        'text', format(
          'held because %s did not succeed, until somebody sets it to pending',
          case when jsonb_array_length(ended_badly) = 1 then 'source ' || (ended_badly ->> 0) else jsonb_array_length(ended_badly) || ' sources' end
        ),
        'sources', ended_badly
      )
      when (
        select try.outcome from supaqueue.attempt as try where try.job = seen.id order by try.id desc limit 1
      ) = 'parked' and seen.error is not null then jsonb_build_object(
        'code', 'parked', 'text', format('held by its function until somebody releases it: %s', left(seen.error, 500))
      )
      when seen.origin ? 'hook-cause' and seen.error is not null then jsonb_build_object('code', 'chain', 'text', 'held: ' || left(seen.error, 500))
      else jsonb_build_object('code', 'held', 'text', 'held until somebody sets it to pending')
    end);
    story := reasons -> 0 ->> 'text';

  elsif seen.status = 'in_progress' then
    select * into lease from supaqueue.current_job where current_job.job = seen.id;
    reasons := case when lease.id is null then jsonb_build_array(jsonb_build_object(
      'code', 'lost',
      'text', 'has no worker any more; the sweep sees to it'
    )) else jsonb_build_array(jsonb_build_object(
      'code', case when lease.lease_until < at - interval '1 minute' then 'overdue' when lease.begun_at is null then 'paired' when lease.dispatcher = lease.id then 'later' else 'running' end,
      'text', case
        when lease.lease_until < at - interval '1 minute' then 'has not been reported in its time, and could not be taken back'
        when lease.begun_at is null then 'has a worker, and waits for a run of the dispatcher'
        when lease.dispatcher = lease.id then format('its function works on it and reports by itself, for %s so far', supaqueue_internal.say_interval(at - lease.begun_at))
        else format('is being called for %s', supaqueue_internal.say_interval(at - lease.begun_at)) end
        || case when lease.call_size > 1 then format(', in a call of %s jobs', lease.call_size) else '' end,
      'run', nullif(lease.dispatcher, lease.id),
      'lease_until', lease.lease_until
    )) end;
    -- What no run has taken waits for the same things as a pending job.
    if lease.id is not null and lease.begun_at is null then
      reasons := reasons || supaqueue_internal.why_stopped(seen.queue, '[]');
    end if;
    story := concat(
      'attempt ', seen.attempts, ' ', reasons -> 0 ->> 'text',
      '; ' || (
        select string_agg(stopped.value ->> 'text', '; ' order by stopped.place)
        from jsonb_array_elements(reasons) with ordinality as stopped (value, place)
        where stopped.place > 1
      ),
      case
        when lease.lease_until > at then '; its lease ends in ' || supaqueue_internal.say_interval(lease.lease_until - at)
        else '; its lease ran out ' || supaqueue_internal.say_interval(at - lease.lease_until) || ' ago'
      end,
      '; ' || round(seen.progress_percent) || ' % done', ': ' || seen.progress_note,
      '; runs the step ' || (
        select string_agg(step.name, ', ' order by step.place) from supaqueue.step
        where step.job = seen.id and step.status = 'running' and step.kind = 'run' and step.item = 0
      )
    );
    if seen.attempts > 1 and seen.error is not null then
      story := format('%s (attempt %s failed: %s)', story, seen.attempts - 1, left(seen.error, 200));
    end if;

  else
    story := concat(
      case seen.status when 'success' then 'succeeded' when 'failed' then 'failed' else 'was cancelled' end,
      ' ' || supaqueue_internal.say_interval(at - seen.finished_at) || ' ago',
      ' after ' || nullif(seen.attempts, 0) || case when seen.attempts = 1 then ' attempt' else ' attempts' end,
      case when seen.status = 'failed' then ': ' || left(seen.error, 500) end
    );
    if seen.status = 'failed' and supaqueue_internal.blocks_line(seen) then
      reasons := jsonb_build_array(jsonb_build_object(
        'code', 'blocks',
        'text', format('keeps the jobs after it waiting until it is retried or cancelled: select supaqueue.retry(%s); or select supaqueue.cancel(%s);', seen.id, seen.id)
      ));
      story := concat_ws('; ', story, reasons -> 0 ->> 'text');
    end if;
  end if;

  -- Of a pending job why_waiting says it among the rest.
  aside := case when seen.status <> 'pending' then supaqueue_internal.why_aside(
    seen.id, case when lease.begun_at is null and lease.id is not null or lease.lease_until < at then seen.queue end
  ) end;
  if aside <> '[]' then
    reasons := reasons || aside;
    story := concat_ws('; ', story, (
      select string_agg(reason.value ->> 'text', '; ') from jsonb_array_elements(aside) as reason (value)
    ));
  end if;

  if seen.origin ? 'hook' then
    story := concat(
      story, '; made by the hook ', seen.origin ->> 'hook', ' from ', seen.origin ->> 'hook-table',
      case when seen.origin ? 'hook-backfill' then ', in a backfill' end, ', once more after job ' || (seen.origin ->> 'hook-replay')
    );
  end if;

  if seen.origin ? 'topic' then
    story := concat(story, '; made of what was published as ', seen.origin ->> 'topic', (
      select ', since its queue subscribed to ' || string_agg(
        subscription.pattern || case when subscription.filter is not null then ' where the payload has ' || left(subscription.filter::text, 200) else '' end,
        ' and ' order by subscription.pattern
      )
      from supaqueue.subscription
      where subscription.queue = seen.queue
        and subscription.pattern = any (supaqueue_internal.patterns_of(seen.origin ->> 'topic'))
    ));
  end if;

  if seen.begun_key is not null then
    story := format('%s; its key %L is free for the next one since it began', story, seen.begun_key);
  end if;

  return jsonb_build_object('job', seen.id, 'status', seen.status, 'text', story, 'reasons', reasons);
end;
$$;

comment on function supaqueue.explain(bigint) is 'Says what a job waits for, in plain words.';
