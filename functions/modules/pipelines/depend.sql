-- depend: a job waits until others have ended.
--
-- called by  users
-- writes     supaqueue.job_dependency, whose trigger holds the job
--
-- `on_failure` says what becomes of the job when one of them fails or is cancelled:
-- cancel it, run it all the same, or hold it for the user. Returns how many it
-- waits for now. What it depends on already is left as it is.
--
-- The same as inserting into job_dependency, but locks all the jobs in one order first.
--
-- Errors: SQ404 when one of the jobs does not exist, SQ409 when the job has begun
-- or would in the end wait for itself. Nothing is changed then.

create or replace function supaqueue.depend(target bigint, sources bigint[], on_failure text default 'cancel')
returns integer
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  -- However many dimensions they were written in.
  named constant bigint[] := array(select unnest(depend.sources));
  missing bigint;
begin
  perform
  from supaqueue.job
  where job.id = any (named || depend.target)
  order by job.id
  for no key update;

  select wanted.id into missing
  from unnest(named || depend.target) as wanted (id)
  where not exists (select from supaqueue.job where job.id = wanted.id)
  limit 1;
  if found then
    raise exception using
      errcode = 'SQ404',
      message = format('there is no job %s', coalesce(missing::text, 'null')),
      hint = 'Give ids of jobs; select id, status from supaqueue.job lists them. Nothing was changed.';
  end if;

  insert into supaqueue.job_dependency (source, target, on_failure)
  select distinct source.id, depend.target, depend.on_failure
  from unnest(named) as source (id)
  on conflict do nothing;

  return (select job.waits_for from supaqueue.job where job.id = depend.target);
end;
$$;

comment on function supaqueue.depend(bigint, bigint[], text) is 'A job waits until others have ended. Returns how many it waits for.';
