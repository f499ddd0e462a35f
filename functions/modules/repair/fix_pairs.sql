-- fix_pairs: workers, jobs and current jobs that do not belong together any more.
--
-- reads      supaqueue.current_job, supaqueue.worker, and jobs in progress by their index
-- writes     supaqueue.current_job, supaqueue.worker, supaqueue.trouble
--
-- Whatever made them so: truncate, a restore, triggers that were switched off. A current job
-- whose job is gone or not in progress goes; one whose worker is gone or of another queue
-- lets go of it; a worker is locked when it has a current job, and free when it has none.
-- A job in progress that nobody has counts as an attempt of unknown outcome, which
-- retry_troubles writes down. Returns how many were fixed. Skips what others hold.
-- None is begun after a second: those left over are the next sweep's.
--
-- Every statement looks anew: what is found is locked first, and looked at again.

create or replace function supaqueue_internal.fix_pairs(most integer default 1000)
returns integer
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  bad record;
  one uuid;
  lost bigint;
  internal_write constant text := pg_trigger_depth()::text;
  begun_at constant timestamptz := clock_timestamp();
  fixed integer := 0;
begin
  if current_setting('transaction_isolation') <> 'read committed' then
    return 0;
  end if;

  for bad in
    select current_job.id
    from supaqueue.current_job
    left join supaqueue.job on job.id = current_job.job
    left join supaqueue.worker on worker.id = current_job.worker
    where (
        job.id is null
        or job.status <> 'in_progress'
        or job.queue <> current_job.queue
        or current_job.worker is not null and (worker.id is null or not worker.locked or worker.queue <> current_job.queue)
      )
      and current_job.id::text not in (
        select trouble.subject from supaqueue.trouble where trouble.kind = 'pairs' and trouble.next_try_at > clock_timestamp()
      )
    limit fix_pairs.most
  loop
    begin
      select
        current_job.id, current_job.job, current_job.queue, current_job.worker,
        job.status, job.queue as job_queue, worker.id as worker_id, worker.queue as worker_queue, worker.locked
      into bad
      from supaqueue.current_job
      left join supaqueue.job on job.id = current_job.job
      left join supaqueue.worker on worker.id = current_job.worker
      where current_job.id = bad.id
      for update of current_job skip locked;
      continue when not found;

      perform set_config('supaqueue.internal_write', internal_write, true);
      if bad.status is distinct from 'in_progress' then
        delete from supaqueue.current_job where current_job.id = bad.id;
      elsif bad.worker_id is null or bad.worker_queue <> bad.job_queue then
        update supaqueue.current_job set worker = null, queue = bad.job_queue where current_job.id = bad.id;
      else
        if bad.job_queue <> bad.queue then
          update supaqueue.current_job set queue = bad.job_queue where current_job.id = bad.id;
        end if;
        update supaqueue.worker set locked = true where worker.id = bad.worker_id and not worker.locked;
      end if;
      perform set_config('supaqueue.internal_write', '', true);
      if bad.status is distinct from 'in_progress' and exists (select from supaqueue.current_job where current_job.id = bad.id)
        or exists (
          select from supaqueue.current_job join supaqueue.worker on worker.id = current_job.worker
          where current_job.id = bad.id and not worker.locked
        )
      then
        perform supaqueue_internal.refuse_unwritten('supaqueue.current_job or supaqueue.worker');
      end if;
      perform supaqueue_internal.fire_deferred();
      delete from supaqueue.trouble where trouble.kind = 'pairs' and trouble.subject = bad.id::text;
      fixed := fixed + 1;
    exception when query_canceled or assert_failure or others then
      perform supaqueue_internal.put_aside('pairs', bad.id::text, sqlstate, sqlerrm, queue => bad.queue, job => bad.job);
      exit when sqlstate = '57014';
    end;
    exit when supaqueue_internal.time_is_up(begun_at);
  end loop;

  for one in
    select worker.id
    from supaqueue.worker
    where worker.locked
      and not exists (select from supaqueue.current_job where current_job.worker = worker.id)
      and worker.id::text not in (
        select trouble.subject from supaqueue.trouble where trouble.kind = 'workers' and trouble.next_try_at > clock_timestamp()
      )
    limit fix_pairs.most
    for no key update skip locked
  loop
    begin
      update supaqueue.worker set locked = false
      where worker.id = one and not exists (select from supaqueue.current_job where current_job.worker = worker.id);
      if not found then
        perform supaqueue_internal.refuse_unwritten('supaqueue.worker');
      end if;
      perform supaqueue_internal.fire_deferred();
      delete from supaqueue.trouble where trouble.kind = 'workers' and trouble.subject = one::text;
      fixed := fixed + 1;
    exception when query_canceled or assert_failure or others then
      perform supaqueue_internal.put_aside(
        'workers', one::text, sqlstate, sqlerrm, queue => (select worker.queue from supaqueue.worker where worker.id = one)
      );
      exit when sqlstate = '57014';
    end;
    exit when supaqueue_internal.time_is_up(begun_at);
  end loop;

  for lost in
    select job.id
    from supaqueue.job
    where job.status = 'in_progress'
      and not exists (select from supaqueue.current_job where current_job.job = job.id)
      and job.id not in (
        select trouble.job from supaqueue.trouble where trouble.kind = 'report' and trouble.job is not null
      )
    limit fix_pairs.most
    for no key update skip locked
  loop
    insert into supaqueue.trouble (kind, subject, queue, job, tries, code, reason, report)
    select
      'report', job.id::text, job.queue, job.id, 0, 'SQ404', 'it was in progress, and nobody had it',
      '{"outcome": "unknown", "error": "its current job was gone"}'
    from supaqueue.job
    where job.id = lost
      and job.status = 'in_progress'
      and not exists (select from supaqueue.current_job where current_job.job = job.id)
      and exists (select from supaqueue.queue where queue.id = job.queue)
    on conflict do nothing;
    fixed := fixed + 1;
  end loop;
  return fixed;
end;
$$;

comment on function supaqueue_internal.fix_pairs(integer) is 'Fixes workers, jobs and current jobs that do not belong together. Returns how many.';

insert into supaqueue.chore (name, place, routine) values ('pairs', 30, 'fix_pairs')
on conflict (name) do update set place = excluded.place, routine = excluded.routine;
