-- enqueue: put one job into a queue.
--
-- called by  users; a plain insert into supaqueue.job can do the same
-- writes     supaqueue.job, and what wait_for writes
--
-- Only `queue` is needed: a name or an id. `delay` counts from the beginning of the
-- transaction, and is in place of `run_at`. `held`: it waits until it is released.
-- `depends_on`: it waits until these jobs have ended; when one fails it is cancelled.
-- `debounce`, `max_wait`, `throttle`: many with the same dedupe_key become few jobs, as insert_in_burst has it.
-- insert_job says what on_conflict does when the dedupe_key is taken. What is left
-- null is as the queue has it. Returns the job's id.
--
-- Errors: SQ404 no such queue, batch or job to depend on, SQ409 the key is taken,
-- SQ413 the payload is too large, SQ422 what is not valid.

create or replace function supaqueue.enqueue(
  queue text,
  payload jsonb default '{}',
  priority integer default 0,
  run_at timestamptz default null,
  delay interval default null,
  dedupe_key text default null,
  on_conflict text default 'error',
  headers jsonb default null,
  version integer default null,
  max_attempts integer default null,
  timeout_ms integer default null,
  concurrency_key text default null,
  batch uuid default null,
  depends_on bigint[] default null,
  held boolean default false,
  debounce interval default null,
  max_wait interval default null,
  throttle interval default null
)
returns bigint
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  target constant supaqueue.queue := supaqueue_internal.find_queue(enqueue.queue);
  due constant timestamptz := coalesce(enqueue.run_at, supaqueue_internal.time_after(enqueue.delay));
  wanted supaqueue.job;
  settled record;
begin
  perform supaqueue_internal.assert_on_conflict(enqueue.on_conflict);
  if num_nonnulls(enqueue.run_at, enqueue.delay) = 2 or due = '-infinity' or due >= '10000-01-01 00:00:00+00' then
    raise exception using
      errcode = 'SQ422',
      message = 'a job runs at a time (run_at) before the year 10000, or after an interval (delay)',
      hint = 'Give at most one of the two. To have it wait for you: held => true. Nothing was changed.';
  end if;
  perform supaqueue_internal.assert_payload(target, enqueue.payload);
  if enqueue.batch is not null and not exists (select from supaqueue.batch where batch.id = enqueue.batch) then
    raise exception using
      errcode = 'SQ404',
      message = format('there is no batch %s', enqueue.batch),
      hint = 'Nothing was changed. To make one: insert into supaqueue.batch (queue, label) values (...) returning id. A batch goes with the last of its jobs.';
  end if;

  wanted.queue := target.id;
  wanted.payload := enqueue.payload;
  wanted.status := case when enqueue.held or cardinality(enqueue.depends_on) > 0 then 'held' else 'pending' end;
  wanted.priority := enqueue.priority;
  wanted.run_at := due;
  wanted.dedupe_key := enqueue.dedupe_key;
  wanted.headers := enqueue.headers;
  wanted.version := enqueue.version;
  wanted.max_attempts := enqueue.max_attempts;
  wanted.timeout_ms := enqueue.timeout_ms;
  wanted.concurrency_key := enqueue.concurrency_key;
  wanted.batch := enqueue.batch;
  if num_nonnulls(enqueue.debounce, enqueue.max_wait, enqueue.throttle) > 0 then
    if enqueue.on_conflict <> 'error' then
      raise exception using
        errcode = 'SQ422',
        message = 'debounce and throttle say what happens when the dedupe_key is taken: on_conflict does not go with them',
        hint = 'Leave it out. Nothing was changed.';
    end if;
    select * into settled
    from supaqueue_internal.insert_in_burst(wanted, enqueue.debounce, enqueue.max_wait, enqueue.throttle);
  else
    select * into settled from supaqueue_internal.insert_job(wanted, enqueue.on_conflict);
  end if;

  if settled.enqueued and cardinality(enqueue.depends_on) > 0 then
    perform supaqueue_internal.wait_for(settled.id, enqueue.depends_on);
    -- Held by its sources until now; held by the user it stays when they have ended.
    if enqueue.held then
      update supaqueue.job set status = 'held' where job.id = settled.id and job.status in ('held', 'pending');
    end if;
  end if;
  return settled.id;
end;
$$;

comment on function supaqueue.enqueue(text, jsonb, integer, timestamptz, interval, text, text, jsonb, integer, integer, integer, text, uuid, bigint[], boolean, interval, interval, interval) is 'Puts one job into a queue, and returns its id.';
