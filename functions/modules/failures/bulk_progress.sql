-- bulk_progress: how far something is that was done to many failed jobs, and how the jobs fare.
--
-- called by  users
-- reads      supaqueue.bulk_action, supaqueue.job
--
-- Returns {"action", "act", "at", "queue", "filter", "per_second", "jobs", "waiting", "in_progress", "succeeded",
-- "failed", "cancelled", "deleted", "undoable", "undone_at", "verdict"}. `waiting` are held or pending, `undoable` how
-- many undo_bulk would take back now. `verdict`, of a retry: stop when at least one failed again, be it for good or so
-- far; wait while some have not ended; go when all succeeded; else look. Null of a discard.
--
-- Errors: SQ404 no such action.

create or replace function supaqueue.bulk_progress(action bigint)
returns jsonb
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
  told constant supaqueue.bulk_action := supaqueue_internal.find_bulk(bulk_progress.action);
begin
  return (
    select jsonb_build_object(
      'action', told.id, 'act', told.act, 'at', told.at,
      'queue', (select queue.name from supaqueue.queue where queue.id = told.queue),
      'filter', told.filter, 'per_second', told.per_second, 'jobs', cardinality(told.jobs),
      'waiting', tally.waiting, 'in_progress', tally.in_progress, 'succeeded', tally.succeeded,
      'failed', tally.failed, 'cancelled', tally.cancelled, 'deleted', cardinality(told.jobs) - tally.present,
      'undoable', case when told.undone_at is null then tally.undoable else 0 end,
      'undone_at', told.undone_at,
      'verdict', case
        when told.act = 'discard' or told.undone_at is not null then null
        when tally.failed + tally.failing > 0 then 'stop'
        when tally.waiting + tally.in_progress > 0 then 'wait'
        when tally.succeeded > 0 and tally.succeeded + tally.cancelled = tally.present then 'go'
        else 'look'
      end
    )
    from (
      select
        count(*) as present,
        count(*) filter (where job.status in ('held', 'pending')) as waiting,
        count(*) filter (where job.status = 'in_progress') as in_progress,
        count(*) filter (where job.status = 'success') as succeeded,
        count(*) filter (where job.status = 'failed') as failed,
        count(*) filter (where job.status = 'cancelled') as cancelled,
        -- A retry took the old error away: this one is new.
        count(*) filter (where job.status in ('pending', 'in_progress') and job.attempts > 0 and job.error is not null) as failing,
        count(*) filter (where case told.act
          when 'discard' then job.status = 'cancelled'
          else job.status in ('held', 'pending') and job.attempts = 0 end) as undoable
      from supaqueue.job
      where job.id = any (told.jobs)
    ) as tally
  );
end;
$$;

comment on function supaqueue.bulk_progress(bigint) is 'Returns the progress of a bulk action on failed jobs.';
