-- on_job_shown: a job that a user owns is told about through Realtime.
--
-- Its trigger is made by keep_live, and only while some door is to be live. To the
-- private topic supaqueue:<user>, as the event job; without the result, which may be
-- large. Says nothing where Realtime is not there. Never raises: a report must not
-- fail because Realtime is broken.
--
-- Security definer: who writes jobs may not write messages.

create or replace function supaqueue_internal.on_job_shown()
returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  queue_name text;
begin
  if to_regprocedure('realtime.send(jsonb, text, text, boolean)') is null then
    return null;
  end if;
  select queue.name into queue_name
  from supaqueue.door
  join supaqueue.queue on queue.id = door.queue
  where door.queue = new.queue
    and door.role = 'authenticated'
    and door.live;
  if not found then
    return null;
  end if;

  perform realtime.send(
    jsonb_build_object(
      'job', new.id, 'queue', queue_name, 'status', new.status, 'attempts', new.attempts,
      'progress_percent', new.progress_percent, 'progress_note', new.progress_note, 'finished_at', new.finished_at
    ),
    'job', 'supaqueue:' || new.owner, true
  );
  return null;
exception when assert_failure or others then
  raise warning using
    errcode = 'SQ503',
    message = format('Realtime was not told about job %s: %s', new.id, sqlerrm),
    hint = 'The job is as it should be. Users who ask for its status see it.';
  return null;
end;
$$;

comment on function supaqueue_internal.on_job_shown() is 'Tells the user who owns a job through Realtime how it is doing.';

drop trigger if exists on_job_shown on supaqueue.job;
select supaqueue_internal.keep_live();
