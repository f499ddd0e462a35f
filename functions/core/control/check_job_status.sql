-- check_job_status: the user gives a job another status, which must be one that users may give.
--
-- A null status is read as held. Only a pairing with a worker sets a job in progress.
-- finished_at says when a job became success, failed or cancelled; one that is put
-- back has not finished any more.
-- What the core itself writes, as claim and report do, is right as it is, and says so by a
-- setting of the transaction: how deep within triggers it is. A trigger of the user's that
-- it sets off is one deeper, and is held to what holds for users.

create or replace function supaqueue_internal.check_job_status()
returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  if new.status = 'in_progress' and old.status is distinct from 'in_progress' then
    raise exception using
      errcode = 'SQ409',
      message = 'only a worker sets a job in progress',
      hint = 'Write the status pending: a free worker of the queue takes the job. Nothing was changed.';
  end if;

  new.status := coalesce(new.status, 'held');
  if (new.status in ('success', 'failed', 'cancelled')) <> (new.finished_at is not null) then
    new.finished_at := case when new.finished_at is null then clock_timestamp() end;
  end if;
  return new;
end;
$$;

comment on function supaqueue_internal.check_job_status() is 'Reads a null status as held, notes when a job ended, and refuses to set one in progress by hand.';

drop trigger if exists on_job_written on supaqueue.job;
create trigger on_job_written
  before update of status on supaqueue.job
  for each row
  when (current_setting('supaqueue.internal_write', true) is distinct from pg_trigger_depth()::text)
  execute function supaqueue_internal.check_job_status();
