-- keep_live: jobs tell Realtime how they fare as long as some door is to be live.
--
-- called by  the file of the trigger function, too, when that is made anew
-- reads      supaqueue.door
-- locks      supaqueue.job, for the moment of making or dropping one trigger
--
-- The trigger is there only when it is asked for: each costs every statement on the
-- table. Half a second is waited for the table and no more, since everybody else
-- waits behind. When it cannot be dropped just now it stays, and does nothing.
--
-- Errors: SQ423 the trigger could not be made now.

create or replace function supaqueue_internal.keep_live()
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
set lock_timeout = '500ms'
as $$
declare
  wanted constant boolean := exists (select from supaqueue.door where door.live and door.role = 'authenticated');
begin
  if wanted = exists (
    select from pg_trigger where pg_trigger.tgrelid = 'supaqueue.job'::regclass and pg_trigger.tgname = 'on_job_shown'
  ) then
    return;
  end if;

  if wanted then
    create trigger on_job_shown
      after update of status, progress_percent, progress_note on supaqueue.job
      for each row
      when (
        new.owner is not null
        and (old.status, old.progress_percent, old.progress_note)
          is distinct from (new.status, new.progress_percent, new.progress_note)
      )
      execute function supaqueue_internal.on_job_shown();
  else
    drop trigger on_job_shown on supaqueue.job;
  end if;
exception when lock_not_available then
  if wanted then
    raise exception using
      errcode = 'SQ423',
      message = 'supaqueue.job is in use, and cannot be made to tell Realtime about jobs',
      hint = 'Nothing was changed. Try again in a while; select * from pg_stat_activity shows which transactions are long.';
  end if;
end;
$$;

comment on function supaqueue_internal.keep_live() is 'Has Realtime told of changes of jobs, if some door is to be live.';
