-- answer: what happens at commit when the bell was rung for a queue.
--
-- called by  answer_once, and the wires of triggers/ that ring for all that a queue has:
--            it was resumed, its circuit closed, its rate limit changed
-- reads      supaqueue.pulse
-- writes     nothing while a run is awake; else current_job, worker, job, pulse
--
-- The promise behind it: whoever finds a run awake may rely on that run to look
-- once more before it sleeps. A lock (lock_sleep) makes the promise sound: an answer
-- holds it shared from before it reads the pulse until it has committed, and a run may go
-- to sleep only when it gets it exclusively. Nobody ever waits for it: refused,
-- one ticks, which is always right and only costs a wake-up.
--
-- Never raises: an enqueue must not fail because dispatch is ill.

create or replace function supaqueue_internal.answer(queue uuid)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  is_fresh constant boolean := current_setting('transaction_isolation') = 'read committed';
begin
  if not supaqueue_internal.lock_sleep(answer.queue) then
    perform supaqueue_internal.tick(answer.queue);
    return;
  end if;

  -- An older snapshot may show a pulse of the past. It is of now when nobody has written a
  -- later one, which its xmax would tell; or only whoever wrote it had locked it before.
  if exists (
    select from supaqueue.pulse
    where pulse.queue = answer.queue
      and pulse.awake_until > clock_timestamp()
      and (is_fresh or pulse.xmax = 0 or pulse.xmax = pulse.xmin)
  ) then
    return;
  end if;

  if not is_fresh then
    perform supaqueue_internal.tick(answer.queue);
    return;
  end if;

  if not exists (select from supaqueue.queue where queue.id = answer.queue and not queue.paused) then
    return;
  end if;

  if supaqueue.process_jobs(answer.queue) = 0 then
    if supaqueue_internal.count_due(answer.queue, clock_timestamp()) = 0
      and not exists (
        select from supaqueue.current_job where current_job.queue = answer.queue and current_job.dispatcher is null
      )
    then
      return;
    end if;
    -- A job is due and no worker seems free, but one may be on its way back in a
    -- transaction that cannot see this job. The run that comes sees both. Or jobs
    -- were paired before a pause, and no run would have them while it lasted.
    perform supaqueue_internal.tick(answer.queue);
  end if;

  perform supaqueue_internal.expect_run(answer.queue);
exception when others then
  raise warning using
    errcode = 'SQ503',
    message = format('supaqueue could not look for work in queue %s: %s', answer.queue, sqlerrm),
    hint = 'The job is safe; the sweep looks again.';
end;
$$;

comment on function supaqueue_internal.answer(uuid) is 'Answers the bell of a queue at commit: nothing while a run is awake, else pairs and ticks.';
revoke execute on function supaqueue_internal.answer(uuid) from public, anon, authenticated;
grant execute on function supaqueue_internal.answer(uuid) to service_role;
