-- claim_batches: give workers of a queue with batches the jobs that are due: each worker one call, and
-- each call as many jobs as a batch may have.
--
-- reads      supaqueue.queue, supaqueue.worker, supaqueue.job, and what claims_allowed reads
-- writes     supaqueue.current_job, supaqueue.worker, supaqueue.job, what note_claims and wake write; supaqueue.trouble
--
-- In place of the core's default.
-- As claim, whose arguments it has: `most` is how many calls at most, and a row is returned per job, with
-- the worker that its call has. All jobs of a call share one worker and one lease, as long as the longest
-- timeout among them.
--
-- A turn allows no hash joins, for the sake of tables. Here it is lists that are joined, which by nested loops would cost the square
-- of their lengths.
--
-- All at once; when that fails, job by job, each in a call of its own, and one that cannot be begun is set aside.

create or replace function supaqueue_internal.claim_batches(
  queue supaqueue.queue, most integer, run uuid, freed uuid[], version integer
)
returns table (token uuid, worker_id uuid)
language plpgsql
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
set enable_hashjoin = on
set jit = off
set plan_cache_mode = force_generic_plan
as $$
declare
  at constant timestamptz := clock_timestamp();
  size constant integer := (claim_batches.queue).batch_size;
  by_calls constant boolean := (claim_batches.queue).batch_counts = 'calls';
  gate record := supaqueue_internal.claims_allowed(
    claim_batches.queue, at, (case when by_calls then claim_batches.most else least(claim_batches.most * size::bigint, 1000000) end)::integer,
    locking => true
  );
  calls integer := least(claim_batches.most, gate.allowed);
  jobs constant integer := case when by_calls then least(gate.allowed * size::bigint, 1000000) else gate.allowed end;
  free_worker uuid[] := '{}';
  worker_ids uuid[];
  chosen bigint[];
  called integer[];
  places integer[];
  ids uuid[];
  tokens uuid[];
  given uuid[];
  one uuid;
  failed_code text;
  failed_reason text;
  -- Assigned, not performed: an expression costs a fraction of a statement.
  internal_write text;
begin
  if calls <= 0 then
    return;
  end if;
  -- Locks nothing, neither jobs of a batch that still fills nor a worker for them: both
  -- would be hidden from everybody else until this transaction ends.
  if cardinality(claim_batches.freed) < calls or (claim_batches.queue).batch_wait_ms > 0 then
    calls := coalesce((
      select max(due.call)
      from supaqueue_internal.due_calls(
        claim_batches.queue, at, calls, jobs, per_key => (claim_batches.queue).per_key, version => claim_batches.version
      ) as due
    ), 0);
  end if;
  if cardinality(claim_batches.freed) < calls then
    free_worker := array(
      select worker.id
      from supaqueue.worker
      where worker.queue = (claim_batches.queue).id
        and not worker.locked
      limit calls - cardinality(claim_batches.freed)
      for no key update skip locked
    );
  end if;
  worker_ids := claim_batches.freed[1 : calls] || free_worker;
  if worker_ids = '{}' then
    return;
  end if;

  select array_agg(due.job), array_agg(due.call), array_agg(due.place) into chosen, called, places
  from supaqueue_internal.due_calls(
    claim_batches.queue, at, cardinality(worker_ids), jobs, locking => true, per_key => (claim_batches.queue).per_key, version => claim_batches.version
  ) as due;
  -- As in claim: nothing of a queue that is being deleted.
  if chosen is null
    or not exists (select from supaqueue.queue as home where home.id = (claim_batches.queue).id for key share skip locked)
  then
    return;
  end if;
  calls := called[cardinality(called)];
  ids := array(select gen_random_uuid() from generate_series(1, calls));

  if gate.counted then
    perform supaqueue_internal.note_claims(
      claim_batches.queue, at, case when by_calls then calls else cardinality(chosen) end
    );
  end if;

  begin
    -- Nobody else may set a job in progress: it would have no worker.
    internal_write := set_config('supaqueue.internal_write', pg_trigger_depth()::text, true);
    if (claim_batches.queue).dedupe_until = 'begun' then
      perform supaqueue_internal.free_keys(chosen);
    end if;
    with begun as (
      update supaqueue.job
      set status = 'in_progress', attempts = least(job.attempts + 1, 1000000), updated_at = at
      where job.id = any (chosen)
      returning job.id, job.timeout_ms
    ),
    placed as (
      select
        begun.id, due.call, due.place,
        count(*) over (partition by due.call) as call_size,
        max(coalesce(begun.timeout_ms, (claim_batches.queue).timeout_ms)) over (partition by due.call) as timeout_ms
      from begun
      join unnest(chosen, called, places) as due (job, call, place) on due.job = begun.id
    ),
    given_out as (
      insert into supaqueue.current_job (
        created_at, queue, worker, job, dispatcher, begun_at, lease_until, call, call_size, place
      )
      select
        at, (claim_batches.queue).id, worker_ids[placed.call], placed.id, claim_batches.run,
        case when claim_batches.run is not null then at end,
        case when claim_batches.run is null
          then at + interval '15 seconds'
          else at + (placed.timeout_ms + 10000) * interval '1 millisecond' end,
        ids[placed.call], placed.call_size, placed.place
      from placed
      returning current_job.id, current_job.worker
    )
    select array_agg(given_out.id), array_agg(given_out.worker) into tokens, given from given_out;
    internal_write := set_config('supaqueue.internal_write', '', true);
    if cardinality(tokens) is distinct from cardinality(chosen) then
      perform supaqueue_internal.refuse_unwritten('supaqueue.job or supaqueue.current_job');
    end if;
    if free_worker <> '{}' then
      update supaqueue.worker set locked = true where worker.id = any (worker_ids[1 : calls]) and not worker.locked;
      if exists (select from supaqueue.worker where worker.id = any (worker_ids[1 : calls]) and not worker.locked) then
        perform supaqueue_internal.refuse_unwritten('supaqueue.worker');
      end if;
    end if;
    -- In a user's own transaction what they deferred is theirs to hear.
    if claim_batches.run is not null and current_setting('supaqueue.nothing_deferred', true) is distinct from 'yes' then
      perform supaqueue_internal.fire_deferred();
    end if;
  exception when query_canceled or assert_failure or others then
    -- As in claim: no run is there, and nobody is to wait once more with each job.
    if sqlstate = '55P03' and claim_batches.run is null then
      raise;
    end if;
    failed_code := sqlstate;
    failed_reason := sqlerrm;
  end;

  if failed_code is not null then
    tokens := '{}';
    given := '{}';
    for i in 1 .. cardinality(chosen) loop
      exit when cardinality(tokens) = cardinality(worker_ids) and failed_code is distinct from '57014';
      if failed_code is distinct from '57014' then
        begin
          one := supaqueue_internal.begin_alone(chosen[i], claim_batches.queue, worker_ids[cardinality(tokens) + 1], claim_batches.run);
          given := given || worker_ids[cardinality(tokens) + 1];
          tokens := tokens || one;
          continue;
        exception when query_canceled or assert_failure or others then
          failed_code := sqlstate;
          failed_reason := sqlerrm;
        end;
      end if;
      perform supaqueue_internal.put_aside('begin', chosen[i]::text, failed_code, failed_reason, (claim_batches.queue).id, chosen[i]);
    end loop;
    calls := cardinality(tokens);
  end if;
  return query select * from unnest(tokens, given);
end;
$$;

comment on function supaqueue_internal.claim_batches(supaqueue.queue, integer, uuid, uuid[], integer) is 'Gives free workers of a queue with batches its due jobs, a call of several jobs each.';
