-- progress: a function says how far it is with its job.
--
-- called by  users' functions, by the token they were called with
-- writes     supaqueue.job
--
-- `percent` is 0 to 100; a null leaves what was said last. Errors: SQ404, SQ422.

create or replace function supaqueue.progress(token uuid, percent numeric default null, note text default null)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  if progress.percent not between 0 and 100 or length(progress.note) > 500 then
    raise exception using
      errcode = 'SQ422',
      message = 'progress is 0 to 100 percent, with a note of at most 500 characters',
      hint = 'Nothing was changed.';
  end if;

  update supaqueue.job
  set
    progress_percent = coalesce(progress.percent, job.progress_percent),
    progress_note = coalesce(progress.note, job.progress_note)
  from supaqueue.current_job
  where current_job.id = progress.token
    and job.id = current_job.job;

  if not found then
    perform supaqueue_internal.refuse_token(progress.token);
  end if;
end;
$$;

comment on function supaqueue.progress(uuid, numeric, text) is 'Stores the progress of a job.';
