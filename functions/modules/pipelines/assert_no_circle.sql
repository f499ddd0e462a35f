-- assert_no_circle: no job may, in the end, wait for itself.
--
-- reads      supaqueue.job_dependency
--
-- Looks at what depends, over any number of steps, on the targets of the new edges,
-- which are in the table by now. Raises SQ409 with the way round.
--
-- Two sessions that add edges at once see each other's when these share a job, since
-- all their jobs are locked by now. Two that share none, and close a circle over
-- edges that were there before, are not seen when they commit at the same moment:
-- to lock the whole way round, users would wait for each other. Those jobs stay held
-- until one of the dependencies is deleted.

create or replace function supaqueue_internal.assert_no_circle(sources bigint[], targets bigint[])
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
set jit = off
as $$
declare
  closing record;
  here bigint;
  way text;
begin
  with recursive below (root, job) as (
    select distinct edge.target, edge.target
    from unnest(assert_no_circle.sources, assert_no_circle.targets) as edge (source, target)
    -- Where nothing depends on a target, nothing comes round.
    where exists (select from supaqueue.job_dependency as further where further.source = edge.target)
    union
    select below.root, further.target
    from below
    join supaqueue.job_dependency as further on further.source = below.job
  )
  select edge.source, edge.target into closing
  from unnest(assert_no_circle.sources, assert_no_circle.targets) as edge (source, target)
  join below on below.root = edge.target and below.job = edge.source
  limit 1;
  if not found then
    return;
  end if;

  -- Back from the source to the target, by jobs that the target leads to.
  here := closing.source;
  way := here::text;
  while here <> closing.target loop
    with recursive below (job, steps) as (
      select closing.target, 0
      union
      select further.target, below.steps + 1
      from below
      join supaqueue.job_dependency as further on further.source = below.job
      where below.job <> closing.source
        and below.steps < 100
    )
    select further.source into here
    from below
    join supaqueue.job_dependency as further on further.source = below.job and further.target = here
    order by below.steps
    limit 1;
    exit when not found;
    way := here || ' -> ' || way;
  end loop;

  raise exception using
    errcode = 'SQ409',
    message = format('job %s would wait for itself: %s -> %s', closing.source, closing.source, way),
    hint = 'A dependency (source, target) says that the target waits for the source. Leave one of these out. Nothing was changed.';
end;
$$;

comment on function supaqueue_internal.assert_no_circle(bigint[], bigint[]) is 'Raises when a job would, in the end, wait for itself.';
