-- why_waiting: everything that keeps a pending job from being begun now, by the
-- predicates that the claim uses.
--
-- reads      what claim, claims_allowed and due_jobs read; locks nothing
--
-- A list of {code, text, ...}; empty when only the moment is missing in which a run
-- looks.

create or replace function supaqueue_internal.why_waiting(job supaqueue.job)
returns jsonb
language plpgsql
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
set jit = off
as $$
declare
  at constant timestamptz := clock_timestamp();
  target supaqueue.queue;
  called text;
  gate supaqueue.circuit;
  rate supaqueue.rate_limit;
  reasons jsonb := '[]';
  suspended jsonb;
  pause jsonb;
  workers integer;
  taken integer;
  running integer;
  ahead integer;
  first supaqueue.job;
  first_id bigint;
  holder integer;
  since timestamptz;
begin
  select * into target from supaqueue.queue where queue.id = (why_waiting.job).queue;

  if (why_waiting.job).run_at > at then
    -- Its steps say it better than its time does.
    suspended := supaqueue_internal.why_suspended((why_waiting.job).id, at);
    reasons := reasons || case when suspended <> '[]' then suspended else jsonb_build_array(jsonb_build_object(
      'code', 'run_at',
      'text', concat(
        'is due in ', supaqueue_internal.say_interval((why_waiting.job).run_at - at),
        case when exists (
          select from supaqueue.throttled_key
          where throttled_key.queue = target.id
            and throttled_key.key = (why_waiting.job).dedupe_key
            and throttled_key.free_at > (why_waiting.job).run_at
        ) then format(', since jobs with the key %L are throttled', (why_waiting.job).dedupe_key) end
      ),
      'run_at', (why_waiting.job).run_at
    )) end;
  end if;

  if target.paused then
    pause := supaqueue_internal.pause_story(target.id);
    reasons := reasons || jsonb_build_object(
      'code', 'paused',
      'text', 'its queue is ' || (pause ->> 'text'),
      'until', target.paused_until,
      'reason', target.paused_reason,
      'since', pause -> 'since',
      'by', pause -> 'by'
    );
  end if;

  reasons := reasons || supaqueue_internal.why_aside((why_waiting.job).id, target.id);

  if target.mode = 'pull' then
    reasons := reasons || jsonb_build_object('code', 'pull', 'text', 'a consumer has to pick it');
  end if;

  reasons := reasons || supaqueue_internal.why_batched(why_waiting.job, target, at);

  called := supaqueue_internal.target_of(target, (why_waiting.job).url);
  select * into gate from supaqueue.circuit where circuit.target = called and circuit.open_until is not null;
  if gate.open_until > at and gate.tried_at is null then
    reasons := reasons || jsonb_build_object(
      'code', 'circuit',
      'text', format(
        '%s calls in a row were deferred by the %s; it is not called for another %s (%s)',
        gate.failures, gate.target, supaqueue_internal.say_interval(gate.open_until - at), coalesce(gate.reason, 'no reason given')
      ),
      'target', gate.target, 'opened_at', gate.opened_at, 'open_until', gate.open_until, 'reason', gate.reason
    );
  elsif gate.open_until > at then
    reasons := reasons || jsonb_build_object(
      'code', 'circuit',
      'text', format(
        '%s calls in a row were deferred by the %s (%s); one job is tried whether it takes calls again',
        gate.failures, gate.target, coalesce(gate.reason, 'no reason given')
      ),
      'target', gate.target, 'opened_at', gate.opened_at, 'open_until', gate.open_until, 'reason', gate.reason
    );
  elsif gate.open_until is not null then
    reasons := reasons || jsonb_build_object(
      'code', 'circuit',
      'text', format(
        '%s calls in a row were deferred by the %s (%s); the next look tries one job',
        gate.failures, gate.target, coalesce(gate.reason, 'no reason given')
      ),
      'target', gate.target, 'opened_at', gate.opened_at, 'open_until', gate.open_until, 'reason', gate.reason
    );
  end if;

  select * into rate from supaqueue.rate_limit where rate_limit.name = target.rate_limit;
  if found then
    since := supaqueue_internal.rate_since(rate, at);
    if since > at then
      reasons := reasons || jsonb_build_object(
        'code', 'rate_limit',
        'text', format(
          'the rate limit %s (%s a second) lets the next %s begin in %s',
          quote_ident(rate.name), rate.max_rps,
          case when target.batch_counts = 'calls' and target.batch_size > 1 then 'call' else 'job' end,
          supaqueue_internal.say_interval(since - at)
        ),
        'rate_limit', rate.name, 'free_at', since
      );
    end if;
  end if;

  first_id := supaqueue_internal.ahead_in_line(why_waiting.job);
  select * into first from supaqueue.job as other where other.id = first_id;
  if found then
    reasons := reasons || jsonb_build_object(
      'code', 'order',
      'text', format(
        'job %s comes before it%s, and %s', first.id,
        case when target.ordered = 'key' then format(' with the key %L', first.concurrency_key) else '' end,
        case first.status
          when 'failed' then format('failed: select supaqueue.retry(%s); or, to skip it, select supaqueue.cancel(%s);', first.id, first.id)
          when 'in_progress' then 'is running'
          when 'held' then 'is held'
          else 'waits itself'
        end
      ),
      'job', first.id, 'status', first.status
    );
  elsif target.per_key is not null and (why_waiting.job).concurrency_key is not null then
    select count(*) into running
    from (
      select from supaqueue.job as other
      where other.queue = target.id
        and other.status = 'in_progress'
        and other.concurrency_key = (why_waiting.job).concurrency_key
      limit target.per_key
    ) as same;
    if running >= target.per_key then
      reasons := reasons || jsonb_build_object(
        'code', 'per_key',
        'text', format('%s of %s jobs with the key %L are running', running, target.per_key, (why_waiting.job).concurrency_key),
        'concurrency_key', (why_waiting.job).concurrency_key
      );
    end if;

    -- Whoever locks a row leaves his transaction's id in it, and holds that as long as he is there.
    select pg_locks.pid into holder
    from supaqueue.key_lock
    join pg_locks on pg_locks.locktype = 'transactionid' and pg_locks.transactionid::text = key_lock.xmax::text and pg_locks.granted
    where key_lock.queue = target.id
      and pg_locks.pid <> pg_backend_pid()
    limit 1;
    if found then
      reasons := reasons || jsonb_build_object(
        'code', 'key_locked',
        'text', format(
          'session %s has begun jobs with keys of its queue and not committed; if this stays: select pg_terminate_backend(%s)',
          holder, holder
        ),
        'concurrency_key', (why_waiting.job).concurrency_key, 'pid', holder
      );
    end if;
  end if;

  select count(*), count(*) filter (where worker.locked) into workers, taken
  from supaqueue.worker where worker.queue = target.id;
  if taken = workers then
    reasons := reasons || jsonb_build_object(
      'code', 'workers',
      'text', case when workers = 0 then 'its queue has no workers' else format('all %s workers are taken', workers) end,
      'workers', workers
    );
  end if;

  -- In line, only the job before it counts.
  if target.ordered is null then
    select count(*) into ahead
    from (
      select from supaqueue.job as other
      where other.queue = target.id
        and other.status = 'pending'
        and other.run_at <= greatest(at, (why_waiting.job).run_at)
        and (
          other.priority > (why_waiting.job).priority
          or other.priority = (why_waiting.job).priority
            and (other.run_at, other.id) < ((why_waiting.job).run_at, (why_waiting.job).id)
        )
      limit 10001
    ) as before;
  end if;
  if ahead > 0 then
    reasons := reasons || jsonb_build_object(
      'code', 'ahead',
      'text', concat(case when ahead > 10000 then 'more than 10000' else ahead::text end, case when ahead = 1 then ' job comes' else ' jobs come' end, ' before it'),
      'jobs', least(ahead, 10000)
    );
  end if;

  return reasons;
end;
$$;

comment on function supaqueue_internal.why_waiting(supaqueue.job) is 'Everything that keeps a pending job from being begun now.';
