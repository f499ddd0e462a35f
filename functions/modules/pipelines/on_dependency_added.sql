-- on_dependency_added: jobs depend on others from now on.
--
-- Targets that were pending are held. What a source has ended as already is written
-- down at once. The jobs are locked, in one order, so that no source ends and no
-- target begins unseen while this transaction is open.
-- Security definer: whoever may write this table may not write jobs.

create or replace function supaqueue_internal.on_dependency_added()
returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  sources constant bigint[] := array(select added.source from added);
  targets constant bigint[] := array(select added.target from added);
  begun record;
  id bigint;
begin
  perform
  from supaqueue.job
  where job.id = any (sources || targets)
  order by job.id
  for no key update;

  select job.id, replace(job.status::text, '_', ' ') as status into begun
  from supaqueue.job
  where job.id = any (targets) and job.status in ('in_progress', 'success')
  limit 1;
  if found then
    raise exception using
      errcode = 'SQ409',
      message = format('job %s is %s and no longer waits for anything', begun.id, begun.status),
      hint = 'Add what a job depends on before it begins: insert it with the status held, or make it depend on the job that adds more. Nothing was changed.';
  end if;

  perform supaqueue_internal.assert_no_circle(sources, targets);

  update supaqueue.job set has_targets = true where job.id = any (sources) and not job.has_targets;
  update supaqueue.job_dependency
  set ended_as = job.status
  from added
  join supaqueue.job on job.id = added.source and job.status > 'in_progress'
  where job_dependency.source = added.source and job_dependency.target = added.target;

  update supaqueue.job set status = 'held', waits_for = 1 where job.id = any (targets) and job.status = 'pending';
  -- Counted from the beginning, even when there are very many.
  update supaqueue.job set waits_for = 1 where job.id = any (targets) and job.status = 'held';
  for id in select distinct unnest(targets) loop
    perform supaqueue_internal.settle_target(id);
  end loop;
  return null;
end;
$$;

comment on function supaqueue_internal.on_dependency_added() is 'Jobs depend on others from now on: holds them.';

drop trigger if exists on_dependency_added on supaqueue.job_dependency;
create trigger on_dependency_added
  after insert on supaqueue.job_dependency
  referencing new table as added
  for each statement
  execute function supaqueue_internal.on_dependency_added();
