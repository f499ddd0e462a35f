-- settle_source: how a job ended is written to those who depend on it.
--
-- reads      supaqueue.job
-- writes     supaqueue.job_dependency, whose trigger settles the targets at commit;
--            supaqueue.unsettled when somebody else holds one of its edges; supaqueue.trouble
--
-- A job that was put back has not ended any more. Waits for nobody. All at once; when that fails, or something of the user's
-- passes one over, one by one: a target of which it cannot be written is set aside, and stops no other.

create or replace function supaqueue_internal.settle_source(source bigint)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
set jit = off
as $$
declare
  ending supaqueue.job_status;
  targets bigint[];
  aside bigint[] := '{}';
  one bigint;
  written integer;
begin
  if current_setting('transaction_isolation') <> 'read committed' then
    insert into supaqueue.unsettled (job) values (settle_source.source);
    return;
  end if;

  select case when job.status > 'in_progress' then job.status end into ending
  from supaqueue.job
  where job.id = settle_source.source;
  if not found then
    return;
  end if;

  targets := array(
    select edge.target
    from supaqueue.job_dependency as edge
    where edge.source = settle_source.source and edge.ended_as is distinct from ending
    for no key update skip locked
  );
  begin
    update supaqueue.job_dependency
    set ended_as = ending
    where job_dependency.source = settle_source.source and job_dependency.target = any (targets);
    get diagnostics written = row_count;
    if written < cardinality(targets) then
      perform supaqueue_internal.refuse_unwritten('supaqueue.job_dependency');
    end if;
  exception when query_canceled or assert_failure or others then
    -- Whoever calls has a bound of its own, which ends with it.
    perform set_config('supaqueue.dependencies_locked', 'yes', true), set_config('lock_timeout', '20ms', true) where sqlstate = '55P03';
    foreach one in array targets loop
      begin
        update supaqueue.job_dependency
        set ended_as = ending
        where job_dependency.source = settle_source.source and job_dependency.target = one;
        if not found then
          perform supaqueue_internal.refuse_unwritten('supaqueue.job_dependency');
        end if;
      exception when query_canceled or assert_failure or others then
        perform supaqueue_internal.put_aside('dependencies', one::text, sqlstate, sqlerrm, job => one);
        aside := aside || one;
        exit when sqlstate = '57014';
      end;
    end loop;
  end;

  -- Somebody is deleting one, and may yet think better of it.
  insert into supaqueue.unsettled (job)
  select settle_source.source
  where exists (
    select
    from supaqueue.job_dependency as edge
    where edge.source = settle_source.source and edge.ended_as is distinct from ending and edge.target <> all (aside)
  );
end;
$$;

comment on function supaqueue_internal.settle_source(bigint) is 'Writes down at every dependency on a job how it ended.';
