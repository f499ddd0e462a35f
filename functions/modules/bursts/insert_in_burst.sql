-- insert_in_burst: insert a job that is one of many with its dedupe_key, of which few are to run.
--
-- locks      supaqueue.throttled_key, supaqueue.job
-- writes     supaqueue.throttled_key, and what insert_job writes
--
-- In place of the core's default. Becomes the job with the key that waits, if there is one, or is inserted:
--   debounce  it runs so long after the last of them, but no later than max_wait after the first
--   throttle  the first runs at once, then one per period, with the last payload
--
-- Who throttles a key waits for a transaction that has just done so, as for every dedupe_key that is taken.
-- Errors: SQ409 the queue keeps keys longer, SQ422 what is not valid.

create or replace function supaqueue_internal.insert_in_burst(
  wanted supaqueue.job, debounce interval, max_wait interval, throttle interval, out id bigint, out enqueued boolean
)
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  holder supaqueue.job;
  target supaqueue.queue;
  fault constant text := supaqueue_internal.burst_fault(wanted, debounce, max_wait, throttle);
begin
  if fault is not null then
    raise exception using
      errcode = 'SQ422',
      message = fault,
      hint = 'Write it like this: dedupe_key => ''user:17'', debounce => ''10 s'', max_wait => ''5 min''; or throttle => ''1 min''. Nothing was changed.';
  end if;

  select * into target from supaqueue.queue where queue.id = wanted.queue;
  if target.dedupe_until <> 'begun' then
    raise exception using
      errcode = 'SQ409',
      message = format('queue %s keeps a dedupe_key taken until its job is %s: the last of a burst would find it taken', target.name, target.dedupe_until),
      hint = 'Nothing was changed. Have its keys free once a job begins: set dedupe_until = ''begun'' of this queue, in supaqueue.queue.';
  end if;

  if insert_in_burst.throttle is null then
    holder := supaqueue_internal.job_with_key(wanted.queue, wanted.dedupe_key);
    -- One that was due before stays so.
    wanted.run_at := least(now() + insert_in_burst.debounce, holder.created_at + insert_in_burst.max_wait);
    select settled.id, settled.enqueued into insert_in_burst.id, insert_in_burst.enqueued
    from supaqueue_internal.insert_job(wanted, 'replace') as settled;
    return;
  end if;

  -- Held until the transaction ends: two that enqueue at once are not both the first, and the one that waits does not begin.
  begin
    insert into supaqueue.throttled_key (queue, key, free_at)
    values (wanted.queue, wanted.dedupe_key, now())
    on conflict on constraint throttled_key_has_a_row_per_key do update set free_at = throttled_key.free_at
    returning throttled_key.free_at into wanted.run_at;
    select * into holder
    from supaqueue.job
    where job.queue = wanted.queue and job.dedupe_key = wanted.dedupe_key and job.status in ('held', 'pending')
    for no key update;
  exception when transaction_rollback then
    raise exception using
      errcode = 'SQ409',
      message = format('the dedupe_key %s was written by another transaction since this one began', quote_literal(wanted.dedupe_key)),
      hint = 'Nothing was changed. Try again in a new transaction, or enqueue under read committed.';
  end;

  if holder.id is not null then
    -- It has its time already.
    wanted.run_at := holder.run_at;
    select settled.id, settled.enqueued into insert_in_burst.id, insert_in_burst.enqueued
    from supaqueue_internal.insert_job(wanted, 'replace') as settled;
    return;
  end if;

  wanted.run_at := greatest(wanted.run_at, now());
  update supaqueue.throttled_key
  set free_at = wanted.run_at + insert_in_burst.throttle
  where throttled_key.queue = wanted.queue and throttled_key.key = wanted.dedupe_key;
  select settled.id, settled.enqueued into insert_in_burst.id, insert_in_burst.enqueued
  from supaqueue_internal.insert_job(wanted, 'replace') as settled;
end;
$$;

comment on function supaqueue_internal.insert_in_burst(supaqueue.job, interval, interval, interval) is 'Inserts a job that is one of many with its dedupe_key, debounced or throttled.';
