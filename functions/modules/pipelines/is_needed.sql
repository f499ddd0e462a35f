-- is_needed: whether a finished job must stay, since another may yet ask for its result, or
-- since how it waited is not written down.
--
-- expects    that its caller locks the job then: whoever writes down how a source ended holds its row
-- reads      supaqueue.job_dependency, supaqueue.job
--
-- In place of the core's default.

create or replace function supaqueue_internal.is_needed(job bigint)
returns boolean
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
  return exists (
    select
    from supaqueue.job_dependency
    join supaqueue.job as target on target.id = job_dependency.target
    where job_dependency.source = is_needed.job and target.status in ('held', 'pending', 'in_progress')
  ) or exists (
    select from supaqueue.job_dependency
    where job_dependency.target = is_needed.job and job_dependency.ended_as is null
  );
end;
$$;

comment on function supaqueue_internal.is_needed(bigint) is 'Whether another job may yet ask for the result of a finished one.';
