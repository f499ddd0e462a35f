-- deliver_signal: a signal ends the wait of a job, if there is one, and wakes it.
--
-- locks      the name of its key, then the job
-- writes     what settle_steps writes; supaqueue.job, whose trigger rings
--
-- Waits half a second for whoever holds the job, such as its function that is just about to
-- wait; that is shorter than deadlock_timeout, so that two never end by a deadlock. Who cannot
-- look (the job is held for longer, or the transaction has a picture of the past) marks it
-- late. A job that waits for its next attempt keeps waiting. Returns whether it is done with.

create or replace function supaqueue_internal.deliver_signal(signal bigint)
returns boolean
language plpgsql
set search_path = pg_catalog, pg_temp
set lock_timeout = '500ms'
set enable_seqscan = off
set jit = off
as $$
declare
  sent record;
  target bigint;
  seen record;
begin
  if current_setting('transaction_isolation') <> 'read committed' then
    update supaqueue.signal as entry set late = true where entry.id = deliver_signal.signal;
    return false;
  end if;

  begin
    select entry.job, entry.key, entry.name into sent
    from supaqueue.signal as entry
    where entry.id = deliver_signal.signal and entry.taken_at is null;
    if not found then
      return true;
    end if;
    if sent.key is not null then
      perform supaqueue_internal.take_name('signal', sent.key);
    end if;

    loop
      target := coalesce(sent.job, (
        select step.job
        from supaqueue.step
        join supaqueue.job on job.id = step.job and job.status in ('held', 'pending', 'in_progress')
        where step.key = sent.key and step.name = sent.name and step.status = 'waiting'
        order by step.begun_at, step.job
        limit 1
      ));
      exit when target is null;

      select job.status, job.run_at, job.attempts into seen
      from supaqueue.job where job.id = target for no key update;
      exit when not found or seen.status not in ('held', 'pending', 'in_progress');

      -- A wait that ended while its job was waited for: the next one by this key.
      continue when sent.key is not null and not exists (
        select from supaqueue.step
        where step.job = target and step.key = sent.key and step.name = sent.name and step.status = 'waiting'
      );
      perform supaqueue_internal.settle_steps(target, clock_timestamp(), keyed => sent.key is not null);
      if seen.status = 'pending' and seen.attempts = 0 and seen.run_at > clock_timestamp() and exists (
        select from supaqueue.signal as entry where entry.id = deliver_signal.signal and entry.taken_by = target
      ) then
        update supaqueue.job set run_at = clock_timestamp() where job.id = target;
      end if;
      exit;
    end loop;
    update supaqueue.signal as entry set late = false where entry.id = deliver_signal.signal and entry.late;
    return true;
  exception when lock_not_available then
    update supaqueue.signal as entry set late = true where entry.id = deliver_signal.signal;
    return false;
  end;
end;
$$;

comment on function supaqueue_internal.deliver_signal(bigint) is 'A signal ends the wait of a job, if there is one, and wakes it.';
