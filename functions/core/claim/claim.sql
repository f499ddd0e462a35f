-- claim: give workers of a queue the jobs that are due, highest priority first,
-- then those that have waited longest.
--
-- reads      supaqueue.queue, supaqueue.worker, supaqueue.job, and what claims_allowed reads
-- writes     supaqueue.current_job, supaqueue.worker, supaqueue.job, what note_claims writes; supaqueue.trouble
--
-- `most` is how many at most; null, as many as it has free workers. A queue that is pulled from gives the dispatcher
-- nothing, nor the other way round (`mode`). `run` is the run that begins them at once, or null
-- when a run is still to be found. `freed` are workers that the caller holds:
-- they are still marked locked, and go first. Returns the token and the worker
-- of each pairing. Of a queue with batches claim_batches does all this, and `most` is how many calls.
--
-- Any number of sessions may claim from the same queue at once: nobody waits. Who claims for a run that is still
-- to come wakes one.
--
-- All at once; when that fails, one by one, and a job that cannot be begun (a trigger or a
-- constraint of the user's refuses) is set aside: the others are begun. After a statement
-- timeout (57014) no time is left for that: all are set aside, and the sweep finds the slow one. When a lock could not be had
-- and no run is there, nobody is to wait for it once more with each job: it raises, and the run that comes tries.

create or replace function supaqueue_internal.claim(
  queue supaqueue.queue, most integer, run uuid default null, freed uuid[] default '{}',
  mode text default 'push', version integer default null
)
returns table (token uuid, worker_id uuid)
language plpgsql
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
set jit = off
set plan_cache_mode = force_generic_plan
as $$
declare
  at constant timestamptz := clock_timestamp();
  gate record;
  wanted integer;
  free_worker uuid[] := '{}';
  worker_ids uuid[];
  chosen bigint[];
  tokens uuid[];
  given uuid[];
  one_token uuid;
  locked integer;
  failed_code text;
  failed_reason text;
  -- Assigned, not performed: an expression costs a fraction of a statement.
  internal_write text;
begin
  if (claim.queue).mode <> claim.mode then
    return;
  end if;
  wanted := least(cardinality(claim.freed), claim.most);
  if wanted is distinct from claim.most then
    -- A look that locks nothing: a job locked for nothing would be hidden from everybody else until this transaction ends.
    select wanted + count(*) into wanted
    from (
      select from supaqueue.worker
      where worker.queue = (claim.queue).id and not worker.locked
      limit coalesce(claim.most, 2147483647) - wanted
    ) as free;
  end if;
  if wanted = 0 then
    return;
  end if;
  if (claim.queue).batch_size > 1 then
    return query select * from supaqueue_internal.claim_batches(
      claim.queue, wanted, claim.run, claim.freed, claim.version
    );
    return;
  end if;

  gate := supaqueue_internal.claims_allowed(claim.queue, at, wanted, locking => true);
  if gate.allowed = 0 then
    return;
  end if;

  chosen := supaqueue_internal.due_jobs(
    (claim.queue).id, at, gate.allowed, locking => true, per_key => (claim.queue).per_key, version => claim.version
  );
  if cardinality((claim.queue).allowed_hosts) > 0 or gate.counted and gate.allowed = 1 then
    chosen := supaqueue_internal.pass_over(claim.queue, at, chosen, per_key => (claim.queue).per_key, version => claim.version);
  end if;
  if cardinality(claim.freed) < cardinality(chosen) then
    free_worker := array(
      select worker.id
      from supaqueue.worker
      where worker.queue = (claim.queue).id
        and not worker.locked
      limit cardinality(chosen) - cardinality(claim.freed)
      for no key update skip locked
    );
  end if;
  worker_ids := claim.freed[1 : cardinality(chosen)] || free_worker;
  chosen := chosen[1 : cardinality(worker_ids)];
  -- Nothing of a queue that is being deleted: jobs and workers that were written in this transaction already would ask for it.
  if chosen = '{}' or not exists (select from supaqueue.queue as home where home.id = (claim.queue).id for key share skip locked) then
    return;
  end if;

  if gate.counted then
    perform supaqueue_internal.note_claims(claim.queue, at, cardinality(chosen));
  end if;

  begin
    -- Nobody else may set a job in progress: it would have no worker.
    internal_write := set_config('supaqueue.internal_write', pg_trigger_depth()::text, true);
    if (claim.queue).dedupe_until = 'begun' then
      perform supaqueue_internal.free_keys(chosen);
    end if;
    with begun as (
      update supaqueue.job
      set status = 'in_progress', attempts = least(job.attempts + 1, 1000000), updated_at = at
      where job.id = any (chosen)
      returning job.id, job.timeout_ms
    ),
    given_out as (
      insert into supaqueue.current_job (created_at, queue, worker, job, dispatcher, begun_at, lease_until)
      select
        -- Of the claim, not of its transaction, which may be old.
        at,
        (claim.queue).id,
        worker_ids[array_position(chosen, begun.id)],
        begun.id,
        claim.run,
        case when claim.run is not null then at end,
        -- The lease outlives the call and its report. A claim that no run has
        -- begun has a short one: nothing is lost by taking it back.
        case when claim.run is null
          then at + interval '15 seconds'
          else at + (coalesce(begun.timeout_ms, (claim.queue).timeout_ms) + 10000) * interval '1 millisecond' end
      from begun
      returning current_job.id, current_job.worker
    )
    select array_agg(given_out.id), array_agg(given_out.worker) into tokens, given from given_out;
    internal_write := set_config('supaqueue.internal_write', '', true);
    if cardinality(tokens) is distinct from cardinality(chosen) then
      perform supaqueue_internal.refuse_unwritten('supaqueue.job or supaqueue.current_job');
    end if;

    if free_worker <> '{}' then
      update supaqueue.worker
      set locked = true
      where worker.id = any (worker_ids[1 : cardinality(chosen)])
        and not worker.locked;
      get diagnostics locked = row_count;
      if locked < cardinality(chosen) - cardinality(claim.freed[1 : wanted]) then
        perform supaqueue_internal.refuse_unwritten('supaqueue.worker');
      end if;
    end if;
    -- In a user's own transaction what they deferred is theirs to hear.
    if claim.run is not null and current_setting('supaqueue.nothing_deferred', true) is distinct from 'yes' then
      perform supaqueue_internal.fire_deferred();
    end if;
  exception when query_canceled or assert_failure or others then
    if sqlstate = '55P03' and claim.run is null then
      raise;
    end if;
    failed_code := sqlstate;
    failed_reason := sqlerrm;
  end;

  if failed_code is not null then
    tokens := '{}';
    given := '{}';
    for i in 1 .. cardinality(chosen) loop
      if failed_code is distinct from '57014' then
        begin
          one_token := supaqueue_internal.begin_alone(chosen[i], claim.queue, worker_ids[cardinality(tokens) + 1], claim.run);
          given := given || worker_ids[cardinality(tokens) + 1];
          tokens := tokens || one_token;
          continue;
        exception when query_canceled or assert_failure or others then
          failed_code := sqlstate;
          failed_reason := sqlerrm;
        end;
      end if;
      perform supaqueue_internal.put_aside('begin', chosen[i]::text, failed_code, failed_reason, (claim.queue).id, chosen[i]);
    end loop;
  end if;
  return query select * from unnest(tokens, given);
end;
$$;

comment on function supaqueue_internal.claim(supaqueue.queue, integer, uuid, uuid[], text, integer) is 'Gives free workers of a queue its due jobs and returns the pairings.';
