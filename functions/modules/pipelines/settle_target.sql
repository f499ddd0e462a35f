-- settle_target: what becomes of a job whose sources have not all ended, or just have.
--
-- reads      supaqueue.job_dependency
-- writes     supaqueue.job; supaqueue.unsettled when somebody else holds the job
--
-- Held by its sources, it is cancelled as soon as one failed that says so; counted
-- anew while some have not ended; else held for the user, if one failed that says
-- so, or pending. Held by the user it stays so, unless it is cancelled.
--
-- Two sources that end in two transactions cannot see each other's end. Whoever
-- ends one comes here when it commits, and counts only while it holds the target:
-- then nobody else is here, and every end that was committed is seen. Who cannot
-- hold it does not wait, for two turns that waited for each other's targets would
-- wait for ever, and one user with an open transaction would stop a queue. It
-- leaves a note instead (unsettled), in the transaction that ends its source: so
-- whoever finds the note sees that end too, and counts again (look_again).
--
-- Raises what something of the user's has against it, and when that leaves the job as it was: nobody would come again.
--
-- Counts by the index of sources that have not ended, and a thousand at most once
-- there are more: what a turn costs does not grow with what still waits.

create or replace function supaqueue_internal.settle_target(target bigint)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
set jit = off
as $$
declare
  seen record;
  broken record;
  unended integer;
begin
  -- An older snapshot does not show who has ended since.
  if current_setting('transaction_isolation') <> 'read committed' then
    insert into supaqueue.unsettled (job) values (settle_target.target);
    return;
  end if;

  select job.status, job.waits_for into seen
  from supaqueue.job
  where job.id = settle_target.target
  for no key update skip locked;
  if not found then
    insert into supaqueue.unsettled (job)
    select job.id from supaqueue.job where job.id = settle_target.target;
    return;
  end if;
  if seen.status <> 'held' then
    return;
  end if;

  select format(
      'job %s, which it depends on, %s',
      edge.source, case edge.ended_as when 'failed' then 'failed' else 'was cancelled' end
    ) as reason,
    edge.on_failure
  into broken
  from supaqueue.job_dependency as edge
  where edge.target = settle_target.target
    and edge.ended_as in ('failed', 'cancelled')
    and edge.on_failure <> 'run'
  order by edge.on_failure, edge.source
  limit 1;

  if broken.on_failure = 'cancel' then
    update supaqueue.job
    set status = 'cancelled', waits_for = 0, error = broken.reason
    where job.id = settle_target.target;
    if not found then
      perform supaqueue_internal.refuse_unwritten('supaqueue.job');
    end if;
    return;
  end if;
  if seen.waits_for = 0 then
    return;
  end if;

  select count(*) into unended
  from (
    select
    from supaqueue.job_dependency as edge
    where edge.target = settle_target.target and edge.ended_as is null
    limit case when seen.waits_for > 1000 then 1000 end
  ) as open_edge;

  if unended > 0 then
    update supaqueue.job
    set waits_for = unended
    where job.id = settle_target.target
      and job.waits_for <> unended
      and (job.waits_for <= 1000 or unended < 1000);
    return;
  elsif broken.on_failure = 'hold' then
    update supaqueue.job set waits_for = 0, error = broken.reason where job.id = settle_target.target;
  else
    update supaqueue.job set status = 'pending', waits_for = 0 where job.id = settle_target.target;
  end if;
  if not found then
    perform supaqueue_internal.refuse_unwritten('supaqueue.job');
  end if;
end;
$$;

comment on function supaqueue_internal.settle_target(bigint) is 'Counts the sources of a held job again, and releases or cancels it when they say so.';
