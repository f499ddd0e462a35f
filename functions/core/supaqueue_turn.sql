-- supaqueue_turn: one round trip of a run to the database: reports in, next jobs out.
--
-- called by  the dispatcher, over RPC, as service_role
-- writes     supaqueue.job, supaqueue.current_job, supaqueue.worker, supaqueue.heartbeat, and what note_counts writes
--
-- docs/reference/turn.md says what goes in and what comes out. Locks are taken in one
-- order - current jobs with their jobs and workers, free workers, due jobs, the queue, the
-- advisory lock, the heartbeat - and never waited for, so that no turn can stand in
-- the way of a user, of another turn, or of itself.
--
-- All plans are held to nested loops over indexes, those of what is called from here, too: one made while a table is small
-- stays with the connection while it grows.

create or replace function public.supaqueue_turn(request jsonb)
returns json
language plpgsql
set search_path = pg_catalog, pg_temp
set statement_timeout = '8s'
set lock_timeout = '3s'
set enable_seqscan = off
set enable_hashjoin = off
set enable_mergejoin = off
set jit = off
set plan_cache_mode = force_generic_plan
as $$
declare
  begun_at constant timestamptz := clock_timestamp();
  me constant uuid := (request ->> 'run')::uuid;
  reports constant jsonb := coalesce(nullif(request -> 'reports', 'null'), '[]');
  stop constant boolean := coalesce((request ->> 'stop')::boolean, false);
  ending constant boolean := stop or coalesce((request ->> 'retire')::boolean, false);
  sleepy constant boolean := coalesce((request ->> 'sleepy')::boolean, false);
  room integer := coalesce((request ->> 'room')::integer, 0);
  target supaqueue.queue;
  latest supaqueue.queue;
  freed uuid[] := '{}';
  again uuid[] := '{}';
  stale uuid[] := '{}';
  begun uuid[] := '{}';
  -- Jobs of an answer that was lost are given out again, and counted once.
  known integer := 0;
  ended text[];
  call_ms real[];
  wait_ms real[];
  tokens uuid[];
  worker_ids uuid[];
  checked record;
  jobs json := '[]';
  most_bytes constant integer := coalesce((request ->> 'max_bytes')::integer, 4000000);
  -- Null before they are looked at.
  fit boolean;
  leader boolean;
  beat supaqueue.heartbeat;
  state text := 'awake';
  back_in_ms integer;
  look_ms integer;
  told record;
  settings json;
  -- Assigned, not performed: an expression costs a fraction of a statement.
  signaled text;
  nothing text;
  -- One look in the catalog for a turn, in place of one in each fire_deferred. Our own two deferred triggers are left out by
  -- their functions, which saves a look at each of these.
  nothing_deferred constant text := set_config('supaqueue.nothing_deferred', case when exists (
    select from pg_trigger join pg_proc on pg_proc.oid = pg_trigger.tgfoid
    where pg_trigger.tgrelid in (
        'supaqueue.job'::regclass, 'supaqueue.current_job'::regclass, 'supaqueue.worker'::regclass,
        'supaqueue.queue'::regclass, 'supaqueue.attempt'::regclass, 'supaqueue.heartbeat'::regclass,
        'supaqueue.trouble'::regclass
      )
      and pg_trigger.tgfoid not in ('supaqueue_internal.on_job_ready'::regproc, 'supaqueue_internal.on_worker_freed'::regproc)
      and pg_trigger.tginitdeferred and pg_proc.pronamespace <> 'supaqueue_internal'::regnamespace
  ) then 'no' else 'yes' end, true);
  own_commit text := set_config('supaqueue.own_commit', 'yes', true);
begin
  if request ->> 'queue' is null then
    return json_build_object('now_ms', floor(extract(epoch from clock_timestamp()) * 1000));
  end if;
  if me is null then
    raise exception using
      errcode = 'SQ422',
      message = 'a turn needs the run it belongs to',
      hint = 'Send {"run": "<uuid>", "queue": "<uuid>"}; docs/reference/turn.md lists the fields.';
  end if;
  -- A turn needs the rows as they are: by an older snapshot it would claim what others have claimed already.
  if current_setting('transaction_isolation') <> 'read committed' then
    raise exception using
      errcode = 'SQ409',
      message = format('a turn cannot run under isolation level %s', current_setting('transaction_isolation')),
      hint = 'Call supaqueue_turn under read committed.';
  end if;

  -- As a whole: it has so many columns that taking them one by one costs more than looking for it.
  target := (select queue from supaqueue.queue where queue.id = (request ->> 'queue')::uuid);

  -- A run that goes on need not wake itself by what it reports: it looks once more. Which queue was
  -- last is noted by the triggers on_job_ready and on_worker_freed.
  if not ending then
    signaled := set_config('supaqueue.signaled', target.id::text, true);
  end if;

  -- report
  if reports <> '[]' then
    told := supaqueue_internal.report_safely(reports, (request ->> 'queue')::uuid);
    freed := told.freed;
    again := told.again;
    stale := told.stale;
    ended := told.ended;
    call_ms := told.call_ms;
    wait_ms := told.wait_ms;
  end if;

  -- A copy of a project calls nobody.
  -- Coalesced: beside a null, the other operand would be computed with every turn.
  if target.id is null
    or coalesce((request ->> 'hello')::boolean, false) and not supaqueue_internal.is_own_project(request ->> 'project')
  then
    return json_build_object(
      'now_ms', floor(extract(epoch from clock_timestamp()) * 1000),
      'queue', null, 'jobs', '[]'::json, 'again', again, 'stale', stale, 'state', 'leave', 'leader', false
    );
  end if;

  -- What the run has begun to call since it said so last. Calls that were short are reported by now.
  if jsonb_typeof(request -> 'called') = 'array' and request -> 'called' <> '[]' then
    tokens := array(
      select held.id
      from supaqueue.current_job as held
      where held.id = any (array(select (token #>> '{}')::uuid from jsonb_array_elements(request -> 'called') as token))
        and held.dispatcher = me
        and not held.called
      for no key update skip locked
    );
    begin
      update supaqueue.current_job set called = true where current_job.id = any (tokens);
      perform supaqueue_internal.fire_deferred();
    exception when query_canceled or assert_failure or others then
      perform supaqueue_internal.note_called_alone(tokens, sqlstate);
    end;
  end if;

  -- next: first what an answer that was lost already gave to this run
  if jsonb_typeof(request -> 'have') = 'array' then
    begun := array(
      select current_job.id
      from supaqueue.current_job
      where current_job.queue = target.id
        and current_job.dispatcher = me
        and not (request -> 'have') ? current_job.id::text
    );
    known := cardinality(begun);
    room := room - supaqueue_internal.count_calls(begun);
  end if;

  if room > 0 and exists (
    select from supaqueue.current_job
    where current_job.queue = target.id
      and current_job.dispatcher is null
      and (not target.paused or current_job.despite_pause)
  ) then
    tokens := array(select supaqueue_internal.take_over(target, room, me));
    begun := begun || tokens;
    room := room - supaqueue_internal.count_calls(tokens);
  end if;

  if room > 0 and not target.paused then
    begin
      select coalesce(array_agg(pairing.token), '{}'), coalesce(array_agg(distinct pairing.worker_id), '{}')
      into tokens, worker_ids
      from supaqueue_internal.claim(target, room, me, freed) as pairing;
      begun := begun || tokens;
      -- A batch is one call, and has one worker.
      room := room - cardinality(worker_ids);
      -- They went first: when as many were given, none is left.
      if cardinality(worker_ids) < cardinality(freed) then
        freed := array(select unnest(freed) except select unnest(worker_ids));
      else
        freed := '{}';
      end if;
    exception when query_canceled or assert_failure or others then
      -- Not one of its jobs, which claim sets aside: its limits, or its lines. What was reported stays so.
      perform supaqueue_internal.put_aside('claim', target.id::text, sqlstate, sqlerrm, queue => target.id);
    end;
  end if;

  -- They are read once, as the answer has them. Only when they may be too many bytes, or one of them is such that nobody could
  -- carry it, are those left out first, and the others read again.
  while begun <> '{}' loop
    with held as materialized (
      select
        current_job.id as token, current_job.lease_until, current_job.call,
        job.id, job.payload, job.attempts, job.url, job.method, job.headers, job.query, job.timeout_ms, job.max_attempts,
        job.version, job.state, case when job.origin is not null then supaqueue_internal.origin_of(job.*) end as origin,
        job.priority, job.run_at,
        case when pg_column_size(job.payload) <= 300 then job.payload::text end as short
      from supaqueue.current_job
      join supaqueue.job on job.id = current_job.job
      where current_job.id = any (begun)
    ),
    seen as (
      select fit is not null
        -- As json_fault has it. A short text has neither such a number nor such a depth.
        or not bool_or(fit is null and (
          coalesce(octet_length(held.short), 309) >= 309
          and pg_column_size(held.payload) <= most_bytes / 90
          and held.payload @@ 'strict exists($.**{501}) || exists($.** ? (@.type() == "number" && (@ > 1.8e308 || @ < -1.8e308 || 1 - (@ * 0 + 1) / 3 * 3 < 1e-341)))' is not false
          or held.state is not null and supaqueue_internal.json_fault(held.state) is not null
        ))
        -- What is stored may be compressed, about ninety to one at most.
        and sum(coalesce(octet_length(held.short), 90::bigint * pg_column_size(held.payload)) + coalesce(90::bigint * pg_column_size(held.state), 0))
          <= most_bytes as all_fit
      from held
    )
    select seen.all_fit, case when seen.all_fit then (
      select json_agg(json_build_object(
        'current_job', case when held.call is null
          then json_build_object('id', held.token, 'lease_until', held.lease_until)
          else json_build_object('id', held.token, 'lease_until', held.lease_until, 'call', held.call)
        end,
        -- Payload and state as text: parsed on their way, numbers that JavaScript cannot hold would lose digits.
        'job', case
          when num_nonnulls(
            held.url, held.method, held.headers, held.query, held.timeout_ms, held.max_attempts, held.version, held.state,
            held.origin
          ) = 0
          then json_build_object('id', held.id, 'payload', coalesce(held.short, held.payload::text), 'attempts', held.attempts)
          else json_build_object(
            'id', held.id, 'payload', held.payload::text, 'attempts', held.attempts,
            'url', held.url, 'method', held.method, 'headers', held.headers, 'query', held.query,
            'timeout_ms', held.timeout_ms, 'max_attempts', held.max_attempts, 'version', held.version,
            'state', held.state::text, 'origin', held.origin
          ) end
      ) order by held.priority desc, held.run_at, held.id)
      from held
    ) end
    into fit, jobs
    from seen;
    exit when fit is not false;

    checked := supaqueue_internal.fail_unfit(target.id, begun);
    begun := supaqueue_internal.keep_what_fits(checked.fit, most_bytes);
    freed := freed || checked.freed;
  end loop;

  -- As it is now: a job may have come, with what its queue allows, since the queue was read.
  if begun <> '{}' then
    latest := (select queue from supaqueue.queue where queue.id = target.id);
    if latest.id is not null then
      target := latest;
    end if;
    if target.url is not null then
      target := supaqueue_internal.queue_as_called(target, begun);
    end if;
  end if;

  if (request ->> 'hello')::boolean then
    perform supaqueue_internal.note_run(me, request -> 'fingerprints');
    settings := (select coalesce(json_object_agg(setting.name, setting.value), '{}') from supaqueue.setting);
  end if;

  begin
    select * into beat from supaqueue.heartbeat where heartbeat.queue = target.id;
    leader := case
      when ending then false
      -- Most of it is still left: nothing is written.
      when beat.run = me and beat.awake_until > clock_timestamp() + interval '4 seconds' then true
      else supaqueue_internal.lead(target.id, me, (request ->> 'turns')::integer) end;

    if room <= 0 and leader and not target.paused then
      nothing := supaqueue_internal.ask_for_runs(target.id);
    end if;
    if nothing_deferred = 'no' then
      perform supaqueue_internal.fire_deferred();
    end if;
  exception when query_canceled or assert_failure or others then
    leader := false;
    perform supaqueue_internal.put_aside('heartbeat', target.id::text, sqlstate, sqlerrm, queue => target.id);
  end;

  if freed <> '{}' then
    perform supaqueue_internal.free_workers(freed);
  end if;

  -- This may be the last turn of the run: what becomes ready from here on, or at the commit, as a job whose sources have
  -- ended does, wakes one again.
  if not ending then
    signaled := set_config('supaqueue.signaled', '', true);
  end if;

  if ending or begun = '{}' then
    begin
      if ending then
        if supaqueue_internal.hand_over(target, me) and begun = '{}' then
          state := 'asleep';
        elsif stop or begun = '{}' and reports = '[]' then
          state := 'leave';
        end if;
      elsif leader and (sleepy or request ? 'back_in_ms' and supaqueue_internal.count_due(target.id, supaqueue_internal.next_look(target.id)) > 0) then
        back_in_ms := supaqueue_internal.fall_asleep(target.id, me, coalesce((request ->> 'back_in_ms')::integer, 0));
        if back_in_ms is not null then
          state := 'asleep';
        end if;
      elsif not leader and reports = '[]' and supaqueue_internal.has_other_leader(target.id, me) then
        -- With reports it stays for one more turn: the worker it has just freed
        -- was still invisible to the leader's last look.
        state := 'leave';
      end if;
      if nothing_deferred = 'no' then
        perform supaqueue_internal.fire_deferred();
      end if;
    exception when query_canceled or assert_failure or others then
      -- Nobody is called in its place: the sweep does that.
      state := case when stop or ending and begun = '{}' and reports = '[]' then 'leave' else 'awake' end;
      back_in_ms := null;
      perform supaqueue_internal.put_aside('heartbeat', target.id::text, sqlstate, sqlerrm, queue => target.id);
    end;
  end if;

  if leader and state = 'awake' and begun = '{}' and (request ->> 'listen')::boolean then
    look_ms := supaqueue_internal.listen(target.id, me);
  end if;

  -- Once a turn at most, and not for a look that found nothing.
  if ended is not null or cardinality(begun) > known or (request ->> 'hello')::boolean then
    nothing := supaqueue_internal.note_counts(
      target.id,
      begun => greatest(cardinality(begun) - known, 0),
      ended => ended,
      call_ms => call_ms,
      wait_ms => wait_ms,
      runs => (request ->> 'hello')::boolean::integer,
      -- The clock may be set back meanwhile.
      turn_ms => least(greatest(date_part('epoch', clock_timestamp() - begun_at) * 1000, 0), 10000000)::real
    );
  end if;

  return json_build_object(
    'now_ms', floor(extract(epoch from clock_timestamp()) * 1000),
    'queue', case when begun <> '{}' then to_json(target) end,
    -- Asked only where there may be some: for a URL, or in headers of the queue's own.
    'secrets', case when begun <> '{}' and (target.url is not null or target.default_headers <> '{}') then supaqueue_internal.secrets_of(target) end,
    'jobs', coalesce(jobs, '[]'),
    'again', again,
    'stale', stale,
    'state', state,
    'leader', leader,
    'back_in_ms', nullif(back_in_ms, 0),
    'look_ms', look_ms,
    'wait_ms', case when begun = '{}' and room > 0 then supaqueue_internal.next_claim_ms(target) end,
    'settings', settings
  );
end;
$$;

comment on function public.supaqueue_turn(jsonb) is 'One round trip of a run of the supaqueue dispatcher: reports in, next jobs out.';
revoke execute on function public.supaqueue_turn(jsonb) from public, anon, authenticated;
grant execute on function public.supaqueue_turn(jsonb) to service_role;
