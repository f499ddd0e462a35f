-- on_job_put_back: the user gave another status to a job that was held or had ended.
--
-- Set to pending while its sources hold it, it stays held: they release it. Put back
-- by the user, it waits again for those that have not ended; that others failed
-- does not matter any more, since the user knows. Anything else is the user's word
-- too: held, it stays held when the sources have ended.
-- Security definer: whoever may write this table may not write dependencies.

create or replace function supaqueue.on_job_put_back()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
begin
  -- Settled by the walk of pipelines, or not held by anything yet.
  if old.status in ('pending', 'in_progress') or new.waits_for <> old.waits_for then
    return new;
  end if;
  if new.status is distinct from 'pending' then
    new.waits_for := 0;
    return new;
  end if;
  if old.waits_for > 0 then
    new.status := 'held';
    insert into supaqueue.unsettled (job) values (new.id);
    return new;
  end if;
  if not exists (select from supaqueue.job_dependency as edge where edge.target = new.id) then
    return new;
  end if;

  update supaqueue.job_dependency
  set on_failure = 'run'
  where job_dependency.target = new.id
    and job_dependency.ended_as in ('failed', 'cancelled')
    and job_dependency.on_failure <> 'run';

  select count(*) into new.waits_for
  from supaqueue.job_dependency as edge
  where edge.target = new.id and edge.ended_as is null;
  if new.waits_for > 0 then
    new.status := 'held';
    -- An older snapshot may show sources that have ended since.
    if current_setting('transaction_isolation') <> 'read committed' then
      insert into supaqueue.unsettled (job) values (new.id);
    end if;
  end if;
  return new;
end;
$$;

comment on function supaqueue.on_job_put_back() is 'A job that was held or had ended was given another status: it waits for its sources again.';
revoke execute on function supaqueue.on_job_put_back() from public, anon, authenticated;

drop trigger if exists on_job_put_back on supaqueue.job;
create trigger on_job_put_back
  before update of status on supaqueue.job
  for each row
  when (current_setting('supaqueue.walking', true) is distinct from pg_trigger_depth()::text)
  execute function supaqueue.on_job_put_back();
