-- insert_in_burst: insert a job that is one of many with its dedupe_key, of which few are to run.
--
-- locks      supaqueue.job, then supaqueue.throttled_key
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
  due timestamptz;
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

  -- The job comes first: its key decides who waits, as for every other way to take it. Its period is then nobody else's.
  for try in 1 .. 10 loop
    begin
      select * into holder
      from supaqueue.job
      where job.queue = wanted.queue and job.dedupe_key = wanted.dedupe_key and job.status in ('held', 'pending')
      for no key update;
      if holder.id is not null then
        -- It has its time already.
        wanted.run_at := holder.run_at;
        select settled.id, settled.enqueued into insert_in_burst.id, insert_in_burst.enqueued
        from supaqueue_internal.insert_job(wanted, 'replace') as settled;
        return;
      end if;

      wanted.run_at := greatest((
        select throttled_key.free_at from supaqueue.throttled_key
        where throttled_key.queue = wanted.queue and throttled_key.key = wanted.dedupe_key
      ), now());
      select settled.id, settled.enqueued into insert_in_burst.id, insert_in_burst.enqueued
      from supaqueue_internal.insert_job(wanted, 'error') as settled;

      insert into supaqueue.throttled_key (queue, key, free_at)
      values (wanted.queue, wanted.dedupe_key, now())
      on conflict on constraint throttled_key_has_a_row_per_key do update set free_at = throttled_key.free_at
      returning greatest(throttled_key.free_at, now()) into due;
      -- Another one came and began between the look and the insert.
      update supaqueue.job set run_at = due where job.id = insert_in_burst.id and wanted.run_at <> due;
      update supaqueue.throttled_key
      set free_at = due + insert_in_burst.throttle
      where throttled_key.queue = wanted.queue and throttled_key.key = wanted.dedupe_key;
      return;
    exception
      when transaction_rollback then
        raise exception using
          errcode = 'SQ409',
          message = format('the dedupe_key %s was written by another transaction since this one began', quote_literal(wanted.dedupe_key)),
          hint = 'Nothing was changed. Try again in a new transaction, or enqueue under read committed.';
      when sqlstate 'SQ409' then
        -- Who has just taken the key has ended and is seen now, but not by an older snapshot.
        if current_setting('transaction_isolation') in ('repeatable read', 'serializable') then
          raise;
        end if;
    end;
  end loop;
  -- In progress, it says so.
  select settled.id, settled.enqueued into insert_in_burst.id, insert_in_burst.enqueued
  from supaqueue_internal.insert_job(wanted, 'replace') as settled;
end;
$$;

comment on function supaqueue_internal.insert_in_burst(supaqueue.job, interval, interval, interval) is 'Inserts a job that is one of many with its dedupe_key, debounced or throttled.';
