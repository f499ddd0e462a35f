-- report_safely: the outcomes of calls are written down, whatever one of them meets.
--
-- writes     what report writes; supaqueue.trouble
--
-- As report, all at once. When that fails (a trigger, a constraint or a foreign key of the
-- user's, a value that cannot be stored), one by one: who cannot be written down is brought
-- again, and after `tries` times parked: the report is kept, the worker is free, and the
-- sweep tries again (retry_troubles). A value that cannot be stored is left out at once. What the whole server lacks, room on
-- its disk for example, parks nothing, for that is written, too: all is brought again.
--
-- After a statement timeout (57014) no time is left for that: all are parked, and the sweep finds the slow one.

create or replace function supaqueue_internal.report_safely(
  reports jsonb, queue uuid default null, tries integer default 3,
  out freed uuid[], out again uuid[], out stale uuid[], out ended text[], out call_ms real[], out wait_ms real[]
)
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  failed_code text;
  failed_reason text;
  entry jsonb;
  told jsonb;
  done boolean;
  one record;
  held supaqueue.current_job;
  parked uuid;
  noted integer := 0;
begin
  begin
    one := supaqueue_internal.report(report_safely.reports, report_safely.queue);
    if current_setting('supaqueue.nothing_deferred', true) is distinct from 'yes' then
      perform supaqueue_internal.fire_deferred();
    end if;
    freed := one.freed;
    again := one.again;
    stale := one.stale;
    ended := one.ended;
    call_ms := one.call_ms;
    wait_ms := one.wait_ms;
    return;
  exception when query_canceled or assert_failure or others then
    failed_code := sqlstate;
    failed_reason := sqlerrm;
  end;

  -- What was no report at all is nobody's trouble but the caller's. Any code may come from a trigger of the user's.
  perform supaqueue_internal.assert_reports(report_safely.reports);
  freed := '{}';
  again := '{}';
  stale := '{}';
  for entry in select element from jsonb_array_elements(report_safely.reports) as element loop
    told := entry;
    done := false;
    for tried in 1 .. 2 loop
      exit when failed_code = '57014';
      begin
        one := supaqueue_internal.report(jsonb_build_array(told), report_safely.queue);
        perform supaqueue_internal.fire_deferred();
        freed := freed || one.freed;
        again := again || one.again;
        stale := stale || one.stale;
        ended := ended || one.ended;
        call_ms := call_ms || one.call_ms;
        wait_ms := wait_ms || one.wait_ms;
        done := true;
        exit;
      exception when query_canceled or assert_failure or others then
        failed_code := sqlstate;
        failed_reason := sqlerrm;
      end;
      -- The dispatcher has something that no column can hold: what it means can be said without.
      exit when failed_code not like '22%';
      told := jsonb_build_object(
        'token', entry -> 'token', 'outcome', case when entry ->> 'outcome' = 'rescheduled' then 'failed' else entry ->> 'outcome' end,
        'error', format('what the call said cannot be stored: %s', failed_reason)
      );
    end loop;
    continue when done;

    select * into held from supaqueue.current_job
    where current_job.id = (entry ->> 'token')::uuid
      and (report_safely.queue is null or current_job.queue = report_safely.queue)
    for update skip locked;
    if not found then
      again := again || (entry ->> 'token')::uuid;
      continue;
    end if;
    begin
      if failed_code <> '57014' and report_safely.tries > 1 + coalesce((
        select trouble.tries from supaqueue.trouble where trouble.kind = 'report' and trouble.subject = held.job::text
      ), 0) then
        noted := supaqueue_internal.put_aside('report', held.job::text, failed_code, failed_reason, held.queue, held.job);
        again := again || held.id;
      else
        parked := supaqueue_internal.park_report(entry, failed_code, failed_reason);
        perform supaqueue_internal.fire_deferred();
        freed := freed || parked;
      end if;
    exception when query_canceled or assert_failure or others then
      -- Not even its current job can be taken away: it keeps its worker, and its lease runs out again and again.
      noted := supaqueue_internal.put_aside('report', held.job::text, failed_code, failed_reason, held.queue, held.job, entry - 'token' - 'queue');
      again := again || held.id;
    end;
    -- What the whole server lacks, as room on its disk, it lacks for this note, too: all is reported again, and the caller hears why.
    if noted is null and failed_code ~ '^5[38]' then
      raise exception using errcode = 'SQ503', message = format('nothing can be written (%s): %s', failed_code, failed_reason),
        hint = 'Nothing is lost: they are reported again. Give the server what it lacks.';
    end if;
  end loop;
  freed := supaqueue_internal.idle_workers(freed);
end;
$$;

comment on function supaqueue_internal.report_safely(jsonb, uuid, integer) is 'Writes down the outcomes of calls; one that cannot be written down is set aside and stops no other.';
