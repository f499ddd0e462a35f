-- undo_bulk: take back what was done to many failed jobs, as far as it can be.
--
-- called by  users
-- writes     supaqueue.job, supaqueue.bulk_action, and what note_act writes
--
-- Of a retry, the jobs that have not begun are failed again, with the attempts, the time and the error that they had
-- (the beginning of it, where retry_where said so); what has begun stays. Of a discard, the jobs are failed again. Those that
-- somebody holds stay as they are. Returns how many were taken back. A second time there is nothing left: 0.
--
-- Errors: SQ404 no such action.

create or replace function supaqueue.undo_bulk(action bigint)
returns integer
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  told supaqueue.bulk_action := supaqueue_internal.find_bulk(undo_bulk.action);
  held bigint[];
  taken_back integer;
begin
  -- Two who take it back at the same time: the second one finds it done.
  update supaqueue.bulk_action set undone_at = clock_timestamp()
  where bulk_action.id = told.id and bulk_action.undone_at is null;
  if not found then
    return 0;
  end if;

  held := array(
    select job.id
    from supaqueue.job
    where job.id = any (told.jobs)
      and case told.act when 'discard' then job.status = 'cancelled' else job.status in ('held', 'pending') and job.attempts = 0 end
    order by job.id
    for no key update skip locked
  );
  if told.act = 'discard' then
    update supaqueue.job set status = 'failed' where job.id = any (held);
  else
    update supaqueue.job
    set
      status = 'failed',
      finished_at = (was.entry ->> 'finished_at')::timestamptz,
      attempts = (was.entry ->> 'attempts')::integer,
      error = was.entry ->> 'error'
    from (
      select done.job, told.before -> (done.place - 1)::integer as entry from unnest(told.jobs) with ordinality as done (job, place)
    ) as was
    where job.id = any (held) and was.job = job.id;
  end if;
  get diagnostics taken_back = row_count;
  perform supaqueue_internal.note_bulk(format('undo %s failed jobs', told.act), told.queue, taken_back, told.filter);
  return taken_back;
end;
$$;

comment on function supaqueue.undo_bulk(bigint) is 'Undoes a bulk action on failed jobs, as far as possible. Returns for how many jobs.';
