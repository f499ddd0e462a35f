-- fix_dependencies: dependencies that nobody would settle any more.
--
-- reads      supaqueue.job_dependency by its primary key, held jobs by their index
-- writes     supaqueue.job_dependency, supaqueue.job, supaqueue.trouble
--
-- Of jobs that are gone they go; how a source ended is written down where it was not; a job
-- that is held by sources it does not have is released. A thousand of each are looked at in a
-- sweep, and the next ones in the next. Returns how many were fixed.

create or replace function supaqueue_internal.fix_dependencies(most integer default 1000)
returns integer
language plpgsql
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
set jit = off
as $$
declare
  mark jsonb;
  edges jsonb;
  seen_source bigint;
  seen_target bigint;
  held_queue uuid;
  held_job bigint;
  doubtful bigint[];
  one bigint;
  fixed integer := 0;
begin
  if current_setting('transaction_isolation') <> 'read committed' or fix_dependencies.most = 0 then
    return 0;
  end if;
  select coalesce(chore.mark, '{}')::jsonb into mark from supaqueue.chore where chore.name = 'edges';

  -- Edges, in the order of their key.
  with looked as materialized (
    select edge.source, edge.target, edge.ended_as
    from supaqueue.job_dependency as edge
    where (edge.source, edge.target) > (coalesce((mark ->> 'source')::bigint, -1), coalesce((mark ->> 'target')::bigint, -1))
    order by edge.source, edge.target
    limit fix_dependencies.most
  )
  select
    jsonb_agg(jsonb_build_array(looked.source, looked.target)) filter (where source.id is null or target.id is null),
    array_agg(distinct looked.source) filter (
      where source.id is not null and target.id is not null
        and (
          not source.has_targets
          or looked.ended_as is distinct from case when source.status > 'in_progress' then source.status end
        )
    ),
    case when count(*) = fix_dependencies.most then max(looked.source) end
  into edges, doubtful, seen_source
  from looked
  left join supaqueue.job as source on source.id = looked.source
  left join supaqueue.job as target on target.id = looked.target;
  if seen_source is not null then
    seen_target := (
      select edge.target from supaqueue.job_dependency as edge
      where (edge.source, edge.target) > (coalesce((mark ->> 'source')::bigint, -1), coalesce((mark ->> 'target')::bigint, -1))
      order by edge.source, edge.target
      offset fix_dependencies.most - 1 limit 1
    );
  end if;

  if edges is not null then
    -- Their trigger settles the targets at commit.
    fixed := fixed + supaqueue_internal.forget_rows('supaqueue.job_dependency', array(
      select edge.ctid
      from supaqueue.job_dependency as edge
      join jsonb_array_elements(edges) as pair on edge.source = (pair ->> 0)::bigint and edge.target = (pair ->> 1)::bigint
      for update of edge skip locked
    ));
  end if;
  foreach one in array coalesce(doubtful, '{}') loop
    begin
      update supaqueue.job set has_targets = true
      where job.id = (select held.id from supaqueue.job as held where held.id = one and not held.has_targets for no key update skip locked);
      perform supaqueue_internal.settle_source(one);
      perform supaqueue_internal.fire_deferred('supaqueue.job_dependency');
      fixed := fixed + 1;
    exception when query_canceled or assert_failure or others then
      perform supaqueue_internal.put_aside('dependencies', one::text, sqlstate, sqlerrm, job => one);
      exit when sqlstate = '57014';
    end;
  end loop;

  -- Jobs that are held by their sources.
  with looked as materialized (
    select job.queue, job.id, job.waits_for
    from supaqueue.job
    where job.status = 'held'
      and (job.queue, job.id) > (
        coalesce((mark ->> 'queue')::uuid, '00000000-0000-0000-0000-000000000000'::uuid), coalesce((mark ->> 'job')::bigint, -1)
      )
    order by job.queue, job.id
    limit fix_dependencies.most
  )
  select
    array_agg(looked.id) filter (
      where looked.waits_for > 0
        and not exists (
          select from supaqueue.job_dependency as edge where edge.target = looked.id and edge.ended_as is null
        )
    ),
    (array_agg(looked.queue order by looked.queue desc, looked.id desc))[1],
    (array_agg(looked.id order by looked.queue desc, looked.id desc))[1]
  into doubtful, held_queue, held_job
  from looked
  having count(*) > 0;
  if (select count(*) from (
    select from supaqueue.job
    where job.status = 'held'
      and (job.queue, job.id) > (
        coalesce((mark ->> 'queue')::uuid, '00000000-0000-0000-0000-000000000000'::uuid), coalesce((mark ->> 'job')::bigint, -1)
      )
    order by job.queue, job.id
    limit fix_dependencies.most
  ) as looked) < fix_dependencies.most then
    held_queue := null;
    held_job := null;
  end if;
  foreach one in array coalesce(doubtful, '{}') loop
    begin
      perform supaqueue_internal.settle_target(one);
      perform supaqueue_internal.fire_deferred('supaqueue.job_dependency');
      fixed := fixed + 1;
    exception when query_canceled or assert_failure or others then
      perform supaqueue_internal.put_aside('dependencies', one::text, sqlstate, sqlerrm, job => one);
      exit when sqlstate = '57014';
    end;
  end loop;

  update supaqueue.chore
  set mark = jsonb_strip_nulls(jsonb_build_object(
    'source', seen_source, 'target', seen_target, 'queue', held_queue, 'job', held_job
  ))::text
  where chore.name = 'edges'
    and coalesce(chore.mark, '{}')::jsonb <> jsonb_strip_nulls(jsonb_build_object(
      'source', seen_source, 'target', seen_target, 'queue', held_queue, 'job', held_job
    ));
  return fixed;
end;
$$;

comment on function supaqueue_internal.fix_dependencies(integer) is 'Fixes dependencies that nobody would settle any more. Returns how many.';

insert into supaqueue.chore (name, place, routine) values ('edges', 95, 'fix_dependencies')
on conflict (name) do update set place = excluded.place, routine = excluded.routine;
