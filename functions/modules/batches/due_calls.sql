-- due_calls: which jobs of a queue with batches come next, and which of them go into one call.
--
-- reads      supaqueue.job, and what due_jobs reads
--
-- In place of the core's default.
-- At most `calls` calls with at most `jobs` jobs together, as due_jobs has them. A row per job: its call, counted
-- from 1 in the order of their first jobs, and its place there, from 0. With `locking` they are locked,
-- and those that somebody else holds are passed over.
--
-- Together go jobs that ask for the same target, method, headers and parameters; with batch_by of the queue only those of
-- one concurrency_key; and those of a call that died only with others whose batch_limit is the same.
-- A call that is not full is left out until its first job has been due for batch_wait_ms.
--
-- Where nothing keeps them apart, their order says all: they are counted, and not sorted by what they ask for.

create or replace function supaqueue_internal.due_calls(
  queue supaqueue.queue, at timestamptz, calls integer, jobs integer, locking boolean default false,
  per_key integer default null, version integer default null
)
returns table (job bigint, call integer, place integer)
language plpgsql
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
set jit = off
set plan_cache_mode = force_generic_plan
as $$
declare
  most constant integer := least(due_calls.calls * (due_calls.queue).batch_size::bigint, due_calls.jobs);
  ids bigint[] := supaqueue_internal.due_jobs(
    (due_calls.queue).id, due_calls.at, most, due_calls.locking, due_calls.per_key, due_calls.version
  );
  filled integer := cardinality(ids);
  over integer;
  alike boolean := false;
begin
  if ids = '{}' then
    return;
  end if;

  if (due_calls.queue).batch_by is null and due_calls.per_key is null then
    alike := (
      select count(*) = filled and bool_and(
        job.batch_limit is null and job.url is null and job.method is null and job.headers is null and job.query is null
      )
      from supaqueue.job
      where job.id = any (ids)
    );
  end if;
  if alike then
    over := filled % (due_calls.queue).batch_size;
    if over > 0 and not exists (
      select from supaqueue.job
      where job.id = any (ids[filled - over + 1 : filled])
        and case when job.run_at < '1970-01-02' then job.created_at else job.run_at end
          <= due_calls.at - (due_calls.queue).batch_wait_ms * interval '1 millisecond'
    ) then
      filled := filled - over;
    end if;
    return query
    select ids[place.nth + 1], place.nth / (due_calls.queue).batch_size + 1, place.nth % (due_calls.queue).batch_size
    from generate_series(0, filled - 1) as place (nth);
    return;
  end if;

  -- Those whose key is called anyway, though others come before them.
  if (due_calls.queue).batch_by is not null and due_calls.per_key is null and cardinality(ids) = most then
    ids := ids || supaqueue_internal.due_with_keys(due_calls.queue, due_calls.at, ids, due_calls.locking, due_calls.version);
  end if;

  return query
  with candidate as (
    select
      job.id, job.batch_limit, job.url, job.method, job.headers, job.query,
      case when (due_calls.queue).batch_by is not null then job.concurrency_key end as key,
      case when job.run_at < '1970-01-02' then job.created_at else job.run_at end as due_since,
      least((due_calls.queue).batch_size, job.batch_limit) as size,
      row_number() over (order by job.priority desc, job.run_at, job.id) as turn,
      row_number() over (
        partition by
          job.batch_limit, job.url, job.method, job.headers, job.query,
          case when (due_calls.queue).batch_by is not null then job.concurrency_key end
        order by job.priority desc, job.run_at, job.id
      ) - 1 as nth
    from supaqueue.job
    where job.id = any (ids)
  ),
  gathered as (
    select
      candidate.id, candidate.turn, candidate.size, candidate.nth % candidate.size as place,
      min(candidate.turn) over same_call as first_turn,
      count(*) over same_call as filled,
      min(candidate.due_since) over same_call as due_since
    from candidate
    window same_call as (
      partition by
        candidate.batch_limit, candidate.url, candidate.method, candidate.headers, candidate.query, candidate.key,
        candidate.nth / candidate.size
    )
  ),
  called as (
    select gathered.id, gathered.turn, gathered.place, dense_rank() over (order by gathered.first_turn) as call
    from gathered
    where gathered.filled = gathered.size
      or gathered.due_since <= due_calls.at - (due_calls.queue).batch_wait_ms * interval '1 millisecond'
  )
  select called.id, called.call::integer, called.place::integer
  from called
  where called.call <= due_calls.calls
  order by called.call, called.place
  limit due_calls.jobs;
end;
$$;

comment on function supaqueue_internal.due_calls(supaqueue.queue, timestamptz, integer, integer, boolean, integer, integer) is 'Which jobs of a queue with batches come next, and which of them go into one call.';
