-- put_back: the user gave another status to a job that was held or had ended.
--
-- writes     supaqueue.job_dependency, supaqueue.unsettled
--
-- Set to pending while its sources hold it, it stays held: they release it. Put back
-- by the user, it waits again for those that have not ended; that others failed
-- does not matter any more, since the user knows. Anything else is the user's word
-- too: held, it stays held when the sources have ended.
-- `old` is the job as it was, `wanted` as it is to be. Returns it as it may be.

create or replace function supaqueue_internal.put_back(old supaqueue.job, wanted supaqueue.job)
returns supaqueue.job
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  -- Settled by pipelines, or not held by anything yet.
  if old.status in ('pending', 'in_progress') or wanted.waits_for <> old.waits_for then
    return wanted;
  end if;
  if wanted.status is distinct from 'pending' then
    wanted.waits_for := 0;
    return wanted;
  end if;
  if old.waits_for > 0 then
    wanted.status := 'held';
    insert into supaqueue.unsettled (job) values (wanted.id);
    return wanted;
  end if;
  if not exists (select from supaqueue.job_dependency as edge where edge.target = wanted.id) then
    return wanted;
  end if;

  update supaqueue.job_dependency
  set on_failure = 'run'
  where job_dependency.target = wanted.id
    and job_dependency.ended_as in ('failed', 'cancelled')
    and job_dependency.on_failure <> 'run';

  select count(*) into wanted.waits_for
  from supaqueue.job_dependency as edge
  where edge.target = wanted.id and edge.ended_as is null;
  if wanted.waits_for > 0 then
    wanted.status := 'held';
    -- An older snapshot may show sources that have ended since.
    if current_setting('transaction_isolation') <> 'read committed' then
      insert into supaqueue.unsettled (job) values (wanted.id);
    end if;
  end if;
  return wanted;
end;
$$;

comment on function supaqueue_internal.put_back(supaqueue.job, supaqueue.job) is 'A job that was held or had ended is given another status: it waits for its sources again.';
