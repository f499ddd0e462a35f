-- take_back_leases: current jobs whose lease ran out are reported as lost.
--
-- reads      supaqueue.current_job
-- writes     what report_safely writes, supaqueue.worker, and what note_counts writes
--
-- A claim that was not known to be called costs no attempt, three times; one that was counts as
-- an attempt of unknown outcome, unless it was marked complete, and of a batch has the next calls bring half as many. At most `most`, the oldest first; skips
-- what others hold. Returns how many.

create or replace function supaqueue_internal.take_back_leases(most integer default 1000)
returns integer
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  lost jsonb;
  outcome record;
begin
  select coalesce(jsonb_agg(jsonb_build_object(
    'token', expired.id,
    'queue', expired.queue,
    'outcome', case
      when expired.is_complete and expired.is_successful then 'success'
      when expired.is_complete then 'failed'
      when expired.was_called and expired.call_size > 1 then 'divided'
      when expired.was_called then 'unknown'
      else 'not_run' end,
    'error', case
      when expired.is_complete and expired.is_successful then null
      when expired.is_complete then 'ended as a failure by end_current_job'
      when expired.was_called then 'the call was not reported before its lease ran out'
      when expired.dispatcher is null then 'no run of the dispatcher came for it'
      else 'its run ended before it was known to have called' end,
    'lost', expired.dispatcher is not null and not expired.was_called and not expired.is_complete,
    'retry_after_ms', case when not expired.was_called or expired.call_size > 1 then 0 end
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
    where current_job.lease_until < clock_timestamp()
      and not exists (
        select from supaqueue.trouble
        where trouble.kind = 'report' and trouble.subject = current_job.job::text and trouble.next_try_at > clock_timestamp()
      )
    order by current_job.lease_until
    limit take_back_leases.most
    for update skip locked
  ) as expired;
  if lost = '[]' then
    return 0;
  end if;

  outcome := supaqueue_internal.report_safely(lost, tries => 1);
  perform supaqueue_internal.note_counts(entry.queue, leases_lost => count(*)::integer)
  from jsonb_to_recordset(lost) as entry (token uuid, queue uuid)
  where entry.token <> all (outcome.again || outcome.stale)
  group by entry.queue;
  perform supaqueue_internal.free_workers(outcome.freed);
  return jsonb_array_length(lost) - cardinality(outcome.again || outcome.stale);
end;
$$;

comment on function supaqueue_internal.take_back_leases(integer) is 'Reports current jobs whose lease ran out as lost. Returns how many.';

insert into supaqueue.chore (name, place, routine) values ('leases', 40, 'take_back_leases')
on conflict (name) do update set place = excluded.place, routine = excluded.routine;
