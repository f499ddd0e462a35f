-- on_dependency_in_line: no job of an ordered queue may wait for one behind it in its line.
--
-- After on_dependency_added, which has locked the jobs. Errors: SQ409. What comes to be so later (the queue is
-- ordered, a key is changed) is not refused: explain says it of both jobs.

create or replace function supaqueue_internal.on_dependency_in_line()
returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  waiting bigint;
  behind bigint;
begin
  for waiting in select distinct added.target from added loop
    behind := supaqueue_internal.source_behind(waiting);
    if behind is not null then
      raise exception using
        errcode = 'SQ409',
        message = format('job %s would wait for job %s, which comes after it in the line of its ordered queue', waiting, behind),
        hint = 'Each would wait for the other. Enqueue the first again, so that it comes last, or give one of them another concurrency_key. Nothing was changed.';
    end if;
  end loop;
  return null;
end;
$$;

comment on function supaqueue_internal.on_dependency_in_line() is 'Refuses that a job of an ordered queue waits for one behind it in its line.';

drop trigger if exists on_dependency_in_line on supaqueue.job_dependency;
create trigger on_dependency_in_line
  after insert on supaqueue.job_dependency
  referencing new table as added
  for each statement
  execute function supaqueue_internal.on_dependency_in_line();
