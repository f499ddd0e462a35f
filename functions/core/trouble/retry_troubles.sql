-- retry_troubles: jobs that were set aside are tried again.
--
-- writes     supaqueue.trouble, and what report writes
--
-- A job that could not be begun is begun for a moment and taken back: if that can be done,
-- it is as all others again. A report that was kept is written down. At most `most`, those
-- that were tried least first, and none is begun after a second; skips what others hold. Troubles of jobs that are gone, or
-- that somebody has dealt with, go. Returns how many were fixed.

create or replace function supaqueue_internal.retry_troubles(most integer default 1000)
returns integer
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  at constant timestamptz := clock_timestamp();
  entry supaqueue.trouble;
  target supaqueue.job;
  token uuid;
  passed boolean;
  fixed integer := 0;
begin
  if current_setting('transaction_isolation') <> 'read committed' then
    return 0;
  end if;

  for entry in
    select trouble.* from supaqueue.trouble
    where trouble.kind in ('begin', 'report')
      and (trouble.next_try_at <= at or trouble.next_try_at > at + interval '2 hours')
    order by trouble.tries, trouble.next_try_at
    limit retry_troubles.most
    for update skip locked
  loop
    passed := false;
    begin
      select job.* into target from supaqueue.job where job.id = entry.job for no key update skip locked;
      if not found then
        if not exists (select from supaqueue.job where job.id = entry.job) then
          delete from supaqueue.trouble where trouble.kind = entry.kind and trouble.subject = entry.subject;
        end if;
        continue;
      end if;

      if target.status <> (case entry.kind when 'begin' then 'pending' else 'in_progress' end)::supaqueue.job_status
        or not exists (select from supaqueue.queue where queue.id = target.queue)
      then
        delete from supaqueue.trouble where trouble.kind = entry.kind and trouble.subject = entry.subject;
        continue;
      end if;
      if exists (select from supaqueue.current_job where current_job.job = target.id) then
        -- Its run brings the report again, or its lease runs out.
        continue;
      end if;

      token := gen_random_uuid();
      perform set_config('supaqueue.internal_write', pg_trigger_depth()::text, true);
      update supaqueue.job set status = 'in_progress', attempts = least(job.attempts + 1, 1000000), updated_at = at
      where job.id = target.id and entry.kind = 'begin';
      -- Of no run, and of no worker: that is free already.
      insert into supaqueue.current_job (id, queue, job, dispatcher, called, begun_at, lease_until)
      values (
        token, target.queue, target.id, coalesce((entry.report ->> 'dispatcher')::uuid, token), true,
        coalesce((entry.report ->> 'begun_at')::timestamptz, at), at + interval '1 minute'
      );
      perform set_config('supaqueue.internal_write', '', true);
      if entry.kind = 'report' then
        perform supaqueue_internal.report(jsonb_build_array(
          coalesce(entry.report, '{"outcome": "unknown", "error": "its report was lost"}') - 'begun_at' - 'dispatcher'
            || jsonb_build_object('token', token)
        ));
      end if;
      perform supaqueue_internal.refuse_unwritten('supaqueue.job') from supaqueue.job where job.id = target.id and job.status = target.status;
      perform supaqueue_internal.fire_deferred();
      passed := true;
      if entry.kind = 'begin' then
        raise exception using
          errcode = 'SQ409',
          message = 'it can be begun',
          hint = 'It was only tried, and is undone.';
      end if;
    exception when query_canceled or assert_failure or others then
      if not passed then
        perform supaqueue_internal.put_aside(entry.kind, entry.subject, sqlstate, sqlerrm, entry.queue, entry.job);
        -- There is no time left to take from the next one.
        exit when sqlstate = '57014';
      end if;
    end;
    if passed then
      delete from supaqueue.trouble where trouble.kind = entry.kind and trouble.subject = entry.subject;
      fixed := fixed + 1;
      if entry.kind = 'begin' then
        -- Nothing else wakes its queue: it was pending all the time.
        perform supaqueue_internal.ensure_run(entry.queue, once => false);
      end if;
    end if;
    exit when supaqueue_internal.time_is_up(at);
  end loop;
  perform set_config('supaqueue.internal_write', '', true);
  return fixed;
end;
$$;

comment on function supaqueue_internal.retry_troubles(integer) is 'Tries again what was set aside of jobs. Returns how many were fixed.';

insert into supaqueue.chore (name, place, routine) values ('troubles', 900, 'retry_troubles')
on conflict (name) do update set place = excluded.place, routine = excluded.routine;
