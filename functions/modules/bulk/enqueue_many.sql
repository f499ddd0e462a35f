-- enqueue_many: put many jobs into a queue, in one statement, as a batch.
--
-- called by  users; a plain insert of many rows can do the same
-- writes     supaqueue.batch, supaqueue.job
--
-- `jobs` is an array of objects; what they may have is listed below under `known`,
-- each as enqueue and the columns of supaqueue.job explain it. One on_conflict, and one
-- debounce with max_wait or throttle, for all. All are enqueued or none. Returns an array, because the Data API cuts a set at
-- 1,000 rows; an entry per job, in the order of `jobs`:
--   id        the job; of one that was skipped, the job that has its key
--   batch     the batch, whose batch_index is the place in the array; null if skipped
--   enqueued  whether it was; false if skipped
--
-- Keys are taken in their order, by whatever way: two that take the same keys at once wait for each other at most, never in
-- a circle. But for what is met one by one at the end: keys that one array has twice, and with `replace` those that are kept
-- until they are pruned.
--
-- Errors: SQ404 no such queue, SQ409 a key is taken, SQ413 a payload is too large,
-- SQ422 what is not valid.

create or replace function supaqueue.enqueue_many(
  queue text,
  jobs jsonb,
  batch_label text default null,
  on_conflict text default 'error',
  debounce interval default null,
  max_wait interval default null,
  throttle interval default null
)
returns supaqueue.enqueued_job[]
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  known constant text[] := '{
    payload, priority, run_at, delay, held, dedupe_key, version, concurrency_key,
    url, method, headers, query, timeout_ms, max_attempts, retry_base_ms, retry_max_ms
  }';
  target constant supaqueue.queue := supaqueue_internal.find_queue(enqueue_many.queue);
  -- The key of another transaction that this one cannot see is met one by one.
  one_by_one constant boolean := current_setting('transaction_isolation') in ('repeatable read', 'serializable');
  in_bursts constant boolean := num_nonnulls(enqueue_many.debounce, enqueue_many.max_wait, enqueue_many.throttle) > 0;
  -- In one pass: keys that are inserted first, and written over in a second one, would not be taken in their order.
  in_one_pass constant boolean := not one_by_one and not in_bursts and enqueue_many.on_conflict = 'replace' and target.dedupe_until <> 'pruned';
  made uuid;
  wanted supaqueue.job[];
  missing record;
  reserved bigint[];
  ids bigint[];
  inserted bigint[];
  replaced jsonb;
  skipped boolean[];
  settled record;
  wrong record;
begin
  perform supaqueue_internal.assert_on_conflict(enqueue_many.on_conflict);
  if in_bursts and enqueue_many.on_conflict <> 'error' then
    raise exception using
      errcode = 'SQ422',
      message = 'debounce and throttle say what happens when a dedupe_key is taken: on_conflict does not go with them',
      hint = 'Leave it out. Nothing was changed.';
  end if;
  if jsonb_typeof(enqueue_many.jobs) is distinct from 'array' then
    raise exception using
      errcode = 'SQ422',
      message = 'jobs is an array of objects',
      hint = 'Write it like this: [{"payload": {"n": 1}}, {"payload": {"n": 2}, "priority": 5}]. Nothing was changed.';
  end if;

  -- Before any field of it is read as text. Job by job: a path keeps all that it computes until it ends, and for many large jobs
  -- that is gigabytes.
  if enqueue_many.jobs @? 'strict $.**{501}'
    or exists (select from jsonb_array_elements(enqueue_many.jobs) as job where supaqueue_internal.json_fault(job) is not null)
  then
    perform supaqueue_internal.assert_json(format('jobs[%s]', entry.place - 1), entry.value)
    from jsonb_array_elements(enqueue_many.jobs) with ordinality as entry (value, place);
    -- Each by itself may be nested less deeply than all of them in their list.
    perform supaqueue_internal.assert_json('jobs', enqueue_many.jobs);
  end if;

  select entry.place - 1 as place, entry.value, case
    when jsonb_typeof(entry.value) <> 'object' then 'is not an object'
    when entry.value - known <> '{}' then
      format('cannot have %s', (select string_agg(name, ', ') from jsonb_object_keys(entry.value - known) as name))
    when num_nonnulls(entry.value ->> 'run_at', entry.value ->> 'delay') = 2 then 'has both run_at and delay'
    when jsonb_typeof(entry.value -> 'held') not in ('boolean', 'null') then 'has a held that is not true or false'
    else 'has a payload that is not taken'
  end as reason
  into wrong
  from jsonb_array_elements(enqueue_many.jobs) with ordinality as entry (value, place)
  where jsonb_typeof(entry.value) <> 'object'
    or entry.value - known <> '{}'
    or num_nonnulls(entry.value ->> 'run_at', entry.value ->> 'delay') = 2
    or jsonb_typeof(entry.value -> 'held') not in ('boolean', 'null')
    or supaqueue_internal.bytes_over(entry.value -> 'payload', target.payload_max_bytes) is not null
  limit 1;
  if wrong.reason = 'has a payload that is not taken' then
    perform supaqueue_internal.assert_payload(target, wrong.value -> 'payload', wrong.place::integer);
  elsif wrong.reason is not null then
    raise exception using
      errcode = 'SQ422',
      message = format('jobs[%s] %s', wrong.place, wrong.reason),
      hint = 'Nothing was changed. A job may have ' || array_to_string(known, ', ') || '.';
  end if;
  if enqueue_many.jobs = '[]' then
    return '{}';
  end if;

  insert into supaqueue.batch (queue, label) values (target.id, enqueue_many.batch_label)
  returning batch.id into made;
  reserved := supaqueue_internal.reserve_job_ids(jsonb_array_length(enqueue_many.jobs));
  ids := reserved;

  begin
    wanted := array(
      select jsonb_populate_record(null::supaqueue.job, entry.value || jsonb_build_object(
        'id', ids[entry.place],
        'queue', target.id,
        'status', case when (entry.value ->> 'held')::boolean then 'held' else 'pending' end,
        'run_at', coalesce((entry.value ->> 'run_at')::timestamptz, supaqueue_internal.time_after((entry.value ->> 'delay')::interval), case when not in_bursts then now() end),
        'batch', made,
        'batch_index', entry.place - 1
      ))
      from jsonb_array_elements(enqueue_many.jobs) with ordinality as entry (value, place)
      order by entry.place
    );
  exception when data_exception then
    raise exception using
      errcode = 'SQ422',
      message = format('jobs cannot be read: %s', sqlerrm),
      hint = 'docs/reference/jobs.md says which fields are numbers, times and intervals. Nothing was changed.';
  end;
  if exists (select from unnest(wanted) as one where one.run_at = '-infinity' or one.run_at >= '10000-01-01 00:00:00+00') then
    raise exception using
      errcode = 'SQ422',
      message = 'a job runs at a time (run_at) before the year 10000, or after an interval (delay)',
      hint = 'One that is to wait for you: "held": true. Nothing was changed.';
  end if;

  with added as (
    insert into supaqueue.job (
      id, queue, payload, status, priority, run_at, url, method, headers, query, timeout_ms, max_attempts,
      retry_base_ms, retry_max_ms, dedupe_key, version, concurrency_key, batch, batch_index
    )
    overriding system value
    select
      one.id, one.queue, coalesce(one.payload, '{}'), one.status, coalesce(one.priority, 0), one.run_at,
      one.url, one.method, one.headers, one.query, one.timeout_ms, one.max_attempts,
      one.retry_base_ms, one.retry_max_ms, one.dedupe_key, one.version, one.concurrency_key, one.batch, one.batch_index
    from unnest(wanted) as one
    where not in_bursts and (one.dedupe_key is null or not one_by_one and not in_one_pass)
    order by one.dedupe_key, one.id
    on conflict do nothing
    returning job.id
  )
  select coalesce(array_agg(added.id), '{}') into inserted from added;

  -- Those that wait and may be written over, at once. The others are met one by one.
  if not one_by_one and in_bursts then
    replaced := supaqueue_internal.insert_bursts(wanted, enqueue_many.debounce, enqueue_many.max_wait, enqueue_many.throttle);
  elsif in_one_pass and cardinality(inserted) < cardinality(ids) then
    replaced := supaqueue_internal.replace_jobs(array(
      select one from unnest(wanted) as one where one.id in (select unnest(ids) except select unnest(inserted))
    ));
  end if;
  if replaced <> '[]' then
    ids := array(
      select coalesce(replacement.holder, entry.id)
      from unnest(ids) with ordinality as entry (id, place)
      left join jsonb_to_recordset(replaced) as replacement (id bigint, holder bigint) on replacement.id = entry.id
      order by entry.place
    );
    inserted := inserted || array(select replacement.id from jsonb_to_recordset(replaced) as replacement (id bigint));
  end if;

  if in_bursts then
    begin
      -- Of several with one key the last of the array comes last.
      for missing in
        select one.batch_index + 1 as place, one as wanted
        from unnest(wanted) as one
        where one.id in (select unnest(reserved) except select unnest(inserted))
        order by one.dedupe_key, one.id
      loop
        select * into settled
        from supaqueue_internal.insert_in_burst(missing.wanted, enqueue_many.debounce, enqueue_many.max_wait, enqueue_many.throttle);
        ids[missing.place] := settled.id;
      end loop;
    exception when sqlstate 'SQ422' then
      raise exception using
        errcode = 'SQ422',
        message = format('jobs[%s]: %s', missing.place - 1, sqlerrm),
        hint = 'Write it like this: [{"payload": {}, "dedupe_key": "user:17"}], debounce => ''10 s'', max_wait => ''5 min''; or throttle => ''1 min''. Nothing was changed.';
    end;
  elsif cardinality(inserted) < cardinality(wanted) then
    for missing in
      select
        one.batch_index + 1 as place,
        one as wanted,
        -- In plain sight, mostly.
        case when enqueue_many.on_conflict = 'skip' then coalesce(
          (
            select job.id
            from supaqueue.job
            where job.queue = target.id and job.dedupe_key = one.dedupe_key
              and job.status in ('held', 'pending', 'in_progress')
          ),
          (
            select job.id
            from supaqueue.job
            where job.queue = target.id and job.dedupe_key = one.dedupe_key and job.dedupe_pruned
          )
        ) end as holder
      from unnest(wanted) as one
      where one.id in (select unnest(reserved) except select unnest(inserted))
      order by one.dedupe_key, one.id
    loop
      if missing.holder is not null then
        ids[missing.place] := missing.holder;
        skipped[missing.place] := true;
        continue;
      end if;
      select * into settled from supaqueue_internal.insert_job(missing.wanted, enqueue_many.on_conflict);
      ids[missing.place] := settled.id;
      skipped[missing.place] := not settled.enqueued;
    end loop;
  end if;

  return array(
    select row(
      entry.id,
      case when skipped[entry.place] then null else made end,
      not coalesce(skipped[entry.place], false)
    )::supaqueue.enqueued_job
    from unnest(ids) with ordinality as entry (id, place)
    order by entry.place
  );
end;
$$;

comment on function supaqueue.enqueue_many(text, jsonb, text, text, interval, interval, interval) is 'Puts many jobs into a queue as a batch, and returns an array of their ids in order.';
