-- settle_steps: what the function of a job waited for, and has come.
--
-- expects    that its caller holds the job
-- writes     supaqueue.step, supaqueue.signal
--
-- A sleep whose time is over is done. A wait is done with the oldest signal for it, and
-- timed out when its time is over without one. Waits by a key only when `keyed`: the caller
-- then has the names of their keys (take_name), so that no signal is committed unseen.

create or replace function supaqueue_internal.settle_steps(job bigint, at timestamptz, keyed boolean)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
set jit = off
as $$
declare
  waiting record;
  sent record;
begin
  update supaqueue.step
  set status = 'done', ended_at = step.until
  where step.job = settle_steps.job and step.status = 'sleeping' and step.until <= settle_steps.at;

  for waiting in
    select step.name, step.occurrence, step.key, step.until
    from supaqueue.step
    where step.job = settle_steps.job and step.status = 'waiting' and (step.key is null or settle_steps.keyed)
    order by step.place
  loop
    select entry.id, entry.payload into sent
    from supaqueue.signal as entry
    where entry.job = settle_steps.job and entry.name = waiting.name and entry.taken_at is null
    order by entry.id
    limit 1
    for update;

    if not found and waiting.key is not null then
      select entry.id, entry.payload into sent
      from supaqueue.signal as entry
      where entry.key = waiting.key and entry.name = waiting.name and entry.taken_at is null
      order by entry.id
      limit 1
      for update;
    end if;

    if found then
      update supaqueue.signal as entry
      set taken_by = settle_steps.job, taken_at = settle_steps.at, late = false
      where entry.id = sent.id;
      update supaqueue.step
      set status = 'done', result = sent.payload, bytes = pg_column_size(sent.payload), ended_at = settle_steps.at
      where step.job = settle_steps.job and step.name = waiting.name and step.occurrence = waiting.occurrence and step.item = 0;
    elsif waiting.until <= settle_steps.at then
      update supaqueue.step
      set status = 'timed_out', ended_at = waiting.until
      where step.job = settle_steps.job and step.name = waiting.name and step.occurrence = waiting.occurrence and step.item = 0;
    end if;
  end loop;
end;
$$;

comment on function supaqueue_internal.settle_steps(bigint, timestamptz, boolean) is 'Ends sleeps and waits of a job that are over.';
