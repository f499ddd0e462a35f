-- snooze: a job that waits is not to begin before a time (until), or for an interval
-- from now (delay).
--
-- called by  users; a function that wants its own job later answers so, or calls finish
-- writes     supaqueue.job, and what note_act writes
--
-- Returns the time. Its attempts stay. Errors: SQ404, SQ409 when it is in progress or
-- has ended, SQ422.

create or replace function supaqueue.snooze(job bigint, until timestamptz default null, delay interval default null)
returns timestamptz
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  at constant timestamptz := coalesce(snooze.until, supaqueue_internal.time_after(snooze.delay, clock_timestamp()));
  target supaqueue.job;
begin
  if num_nonnulls(snooze.until, snooze.delay) <> 1 or at = '-infinity' or at >= '10000-01-01 00:00:00+00' then
    raise exception using
      errcode = 'SQ422',
      message = 'a job is snoozed until a time (until) before the year 10000, or for an interval (delay)',
      hint = 'Nothing was changed. Give one of the two; to stop it until you say so: supaqueue.hold(job).';
  end if;
  target := supaqueue_internal.find_job(snooze.job);
  if target.status not in ('held', 'pending') then
    raise exception using
      errcode = 'SQ409',
      message = format('job %s is %s', target.id, replace(target.status::text, '_', ' ')),
      hint = 'Nothing was changed. Only a job that waits can be snoozed.';
  end if;
  update supaqueue.job set run_at = at where job.id = target.id;
  perform supaqueue_internal.note_act(
    'snooze', target.queue, target.id,
    before => jsonb_build_object('run_at', target.run_at), after => jsonb_build_object('run_at', at)
  );
  return at;
end;
$$;

comment on function supaqueue.snooze(bigint, timestamptz, interval) is 'A waiting job does not start before a time. Returns the time.';
