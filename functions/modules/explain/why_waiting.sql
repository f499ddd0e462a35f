-- why_waiting: everything that keeps a pending job from being begun now, by the
-- predicates that the claim uses.
--
-- called by  explain
-- reads      what pair, allowance and due_jobs read; locks nothing
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
  gate supaqueue.circuit;
  rate supaqueue.rate_limit;
  reasons jsonb := '[]';
  seats integer;
  taken integer;
  running integer;
  ahead integer;
  holder integer;
  since timestamptz;
begin
  select * into target from supaqueue.queue where queue.id = (why_waiting.job).queue;

  if (why_waiting.job).run_at > at then
    reasons := reasons || jsonb_build_object(
      'code', 'run_at',
      'text', format('is due in %s', supaqueue_internal.say_interval((why_waiting.job).run_at - at)),
      'run_at', (why_waiting.job).run_at
    );
  end if;

  if target.paused then
    reasons := reasons || jsonb_build_object(
      'code', 'paused',
      'text', concat(
        'its queue is paused',
        case when target.paused_until is null then ' until it is resumed'
          else format(' for another %s', supaqueue_internal.say_interval(target.paused_until - at)) end,
        ', because ' || target.paused_reason
      ),
      'until', target.paused_until,
      'reason', target.paused_reason
    );
  end if;

  reasons := reasons || supaqueue_internal.why_aside((why_waiting.job).id, target.id);

  if target.mode = 'pull' then
    reasons := reasons || jsonb_build_object('code', 'pull', 'text', 'a consumer has to pick it');
  end if;

  select * into gate from supaqueue.circuit where circuit.queue = target.id;
  if gate.open_until > at then
    reasons := reasons || jsonb_build_object(
      'code', 'circuit',
      'text', format(
        'its target turned away %s calls in a row; it is left alone for another %s (%s)',
        gate.failures, supaqueue_internal.say_interval(gate.open_until - at), coalesce(gate.reason, 'no reason given')
      ),
      'opened_at', gate.opened_at, 'open_until', gate.open_until, 'reason', gate.reason
    );
  elsif gate.open_until is not null and exists (
    select from supaqueue.current_job
    where current_job.queue = target.id and coalesce(current_job.begun_at, current_job.created_at) >= gate.open_until
  ) then
    reasons := reasons || jsonb_build_object(
      'code', 'circuit',
      'text', 'one job is tried whether its target takes calls again',
      'opened_at', gate.opened_at, 'open_until', gate.open_until, 'reason', gate.reason
    );
  end if;

  select * into rate from supaqueue.rate_limit where rate_limit.name = target.rate_limit;
  if found then
    since := supaqueue_internal.rate_since(rate, at);
    if since > at then
      reasons := reasons || jsonb_build_object(
        'code', 'rate_limit',
        'text', format(
          'the rate limit %s (%s a second) lets the next job begin in %s',
          quote_ident(rate.name), rate.max_rps, supaqueue_internal.say_interval(since - at)
        ),
        'rate_limit', rate.name, 'free_at', since
      );
    end if;
  end if;

  if target.per_key is not null and (why_waiting.job).concurrency_key is not null then
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

    -- The lock that a claim takes of a key, which any role can take as well.
    select pg_locks.pid into holder
    from pg_locks
    where pg_locks.locktype = 'advisory'
      and pg_locks.database = (select pg_database.oid from pg_database where pg_database.datname = current_database())
      and pg_locks.classid = 1398100050::oid
      and pg_locks.objid = (hashtext(target.id::text || (why_waiting.job).concurrency_key)::bigint & 4294967295)::oid
      and pg_locks.objsubid = 2
      and pg_locks.granted
    limit 1;
    if found then
      reasons := reasons || jsonb_build_object(
        'code', 'key_locked',
        'text', format(
          'session %s holds the lock of the key %L; a claim lets it go at once, so if this stays: select pg_terminate_backend(%s)',
          holder, (why_waiting.job).concurrency_key, holder
        ),
        'concurrency_key', (why_waiting.job).concurrency_key, 'pid', holder
      );
    end if;
  end if;

  select count(*), count(*) filter (where worker.locked) into seats, taken
  from supaqueue.worker where worker.queue = target.id;
  if taken = seats then
    reasons := reasons || jsonb_build_object(
      'code', 'seats',
      'text', case when seats = 0 then 'its queue has no workers' else format('all %s workers are taken', seats) end,
      'seats', seats
    );
  end if;

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
revoke execute on function supaqueue_internal.why_waiting(supaqueue.job) from public, anon, authenticated;
grant execute on function supaqueue_internal.why_waiting(supaqueue.job) to service_role;
