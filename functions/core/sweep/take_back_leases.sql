-- take_back_leases: current jobs whose lease ran out are reported as lost.
--
-- reads      supaqueue.current_job
-- writes     what report_safely writes, supaqueue.worker, and what note_counts and note_pace write
--
-- A claim that was not known to be called costs no attempt, three times; one that was counts as
-- an attempt of unknown outcome, unless it was marked complete, and of a batch has the next calls bring half as many. At most `most`, the oldest first; skips
-- what others hold. Returns how many.
--
-- All at once; where something of the user's may take its time for each (is_watched), one by one, and none is begun after
-- a second: those left over are the next sweep's. Those of queues that were slow come last, so no other waits for them.

create or replace function supaqueue_internal.take_back_leases(most integer default 1000)
returns integer
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  slow constant uuid[] := array(select trouble.queue from supaqueue.trouble where trouble.kind = 'slow');
  expired constant uuid[] := array(
    select current_job.id
    from supaqueue.current_job
    where current_job.lease_until < clock_timestamp()
      and not exists (
        select from supaqueue.trouble
        where trouble.kind = 'report' and trouble.subject = current_job.job::text and trouble.next_try_at > clock_timestamp()
      )
    order by current_job.queue = any (slow), current_job.lease_until
    limit take_back_leases.most
    for update skip locked
  );
  watched constant boolean := expired <> '{}' and supaqueue_internal.is_watched();
  size constant integer := case when watched then 1 else greatest(cardinality(expired), 1) end;
  begun_at constant timestamptz := clock_timestamp();
  step_at timestamptz;
  lost jsonb;
  outcome record;
  taken_back integer := 0;
begin
  for nth in 1 .. cardinality(expired) by size loop
    step_at := clock_timestamp();
    exit when supaqueue_internal.time_is_up(begun_at);
    select coalesce(jsonb_agg(jsonb_build_object(
      'token', claimed.id,
      'queue', claimed.queue,
      'outcome', case
        when claimed.is_complete and claimed.is_successful then 'success'
        when claimed.is_complete then 'failed'
        when claimed.was_called and claimed.call_size > 1 then 'divided'
        when claimed.was_called then 'unknown'
        else 'not_run' end,
      'error', case
        when claimed.is_complete and claimed.is_successful then null
        when claimed.is_complete then 'ended as a failure by end_current_job'
        when claimed.was_called then 'the call was not reported before its lease ran out'
        when claimed.dispatcher is null then 'no run of the dispatcher came for it'
        else 'its run ended before it was known to have called' end,
      'lost', claimed.dispatcher is not null and not claimed.was_called and not claimed.is_complete,
      'retry_after_ms', case when not claimed.was_called or claimed.call_size > 1 then 0 end
    )), '[]')
    into lost
    from (
      select
        current_job.id, current_job.queue, current_job.dispatcher, current_job.is_complete, current_job.is_successful,
        current_job.call_size,
        -- Given to a run that never said so, it may have been called all the same: three times that is passed over.
        current_job.called or current_job.dispatcher is not null and coalesce(
          (select job.lost_claims from supaqueue.job where job.id = current_job.job), 0
        ) >= 3 as was_called
      from supaqueue.current_job
      where current_job.id = any (expired[nth : nth + size - 1])
    ) as claimed;

    outcome := supaqueue_internal.report_safely(lost, tries => 1);
    perform supaqueue_internal.note_counts(entry.queue, leases_lost => count(*)::integer)
    from jsonb_to_recordset(lost) as entry (token uuid, queue uuid)
    where entry.token <> all (outcome.again || outcome.stale)
    group by entry.queue;
    perform supaqueue_internal.free_workers(outcome.freed);
    taken_back := taken_back + jsonb_array_length(lost) - cardinality(outcome.again || outcome.stale);
    perform supaqueue_internal.note_pace((lost #>> '{0,queue}')::uuid, step_at) where watched;
  end loop;
  return taken_back;
end;
$$;

comment on function supaqueue_internal.take_back_leases(integer) is 'Reports current jobs whose lease ran out as lost. Returns how many.';

insert into supaqueue.chore (name, place, routine) values ('leases', 40, 'take_back_leases')
on conflict (name) do update set place = excluded.place, routine = excluded.routine;
