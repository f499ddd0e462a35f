-- insert_bursts: insert jobs that are some of many with their dedupe_keys, all at once.
--
-- locks      supaqueue.job, then supaqueue.throttled_key, each in the order of the keys
-- writes     supaqueue.throttled_key, and what replace_jobs writes
--
-- In place of the core's default.
-- What comes of it is what insert_in_burst makes of them one by one, in the order of their ids: of several with one key the
-- last is what runs. Returns a list of {id, holder}: the job that was wanted, and the one that became it. What is missing there
-- is left to insert_in_burst, and with it every error: it says which job is meant. Such are jobs that cannot be one of a
-- burst; keys whose job is in progress; and keys of which an earlier job has something of its own that nobody would check,
-- for only the last one is written.
--
-- Jobs come first: their keys decide who waits, as for every other way to take them, and their periods are then nobody else's.
-- So whoever takes keys in their order meets nobody else who does in a circle.

create or replace function supaqueue_internal.insert_bursts(
  wanted supaqueue.job[], debounce interval, max_wait interval, throttle interval
)
returns jsonb
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  last_ones supaqueue.job[];
  replaced jsonb;
begin
  if exists (
    select from unnest(insert_bursts.wanted) as one
    where supaqueue_internal.burst_fault(one, insert_bursts.debounce, insert_bursts.max_wait, insert_bursts.throttle) is not null
  ) or exists (
    select from supaqueue.queue where queue.id = insert_bursts.wanted[1].queue and queue.dedupe_until <> 'begun'
  ) then
    return '[]';
  end if;

  -- With its changes undone, who cannot be written is found one by one.
  begin
    -- By jsonb: a column of a user's may stand anywhere in a row.
    last_ones := array(
      select jsonb_populate_record(burst.final, jsonb_build_object(
        'run_at', case when insert_bursts.throttle is null then now() + insert_bursts.debounce else greatest(burst.free_at, now()) end
      ))
      from (
        select
          (array_agg(one order by one.id desc))[1] as final,
          (array_agg(throttled_key.free_at))[1] as free_at,
          count(*) filter (where num_nonnulls(
            one.priority, one.url, one.method, one.headers, one.query, one.timeout_ms, one.max_attempts,
            one.retry_base_ms, one.retry_max_ms, one.version, one.concurrency_key
          ) > 0) as peculiar,
          count(*) as size
        from unnest(insert_bursts.wanted) as one
        left join supaqueue.throttled_key on insert_bursts.throttle is not null
          and throttled_key.queue = one.queue and throttled_key.key = one.dedupe_key
        group by one.dedupe_key
      ) as burst
      where burst.size = 1 or burst.peculiar = 0
    );
    replaced := supaqueue_internal.replace_jobs(
      last_ones, max_wait => insert_bursts.max_wait, keeps_time => insert_bursts.throttle is not null
    );

    -- The first of a period: it is over so long after that one runs.
    if insert_bursts.throttle is not null then
      insert into supaqueue.throttled_key (queue, key, free_at)
      select begun.queue, begun.dedupe_key, now()
      from unnest(last_ones) as begun
      join jsonb_to_recordset(replaced) as replacement (id bigint, holder bigint)
        on replacement.id = begun.id and replacement.holder = begun.id
      order by begun.dedupe_key
      on conflict on constraint throttled_key_has_a_row_per_key do update set free_at = throttled_key.free_at;
      -- Another one came and began between the look and the insert.
      update supaqueue.job
      set run_at = greatest(throttled_key.free_at, now())
      from unnest(last_ones) as begun
      join jsonb_to_recordset(replaced) as replacement (id bigint, holder bigint)
        on replacement.id = begun.id and replacement.holder = begun.id
      join supaqueue.throttled_key on throttled_key.queue = begun.queue and throttled_key.key = begun.dedupe_key
      where job.id = begun.id and job.run_at <> greatest(throttled_key.free_at, now());
      update supaqueue.throttled_key
      set free_at = greatest(throttled_key.free_at, now()) + insert_bursts.throttle
      from unnest(last_ones) as begun
      join jsonb_to_recordset(replaced) as replacement (id bigint, holder bigint)
        on replacement.id = begun.id and replacement.holder = begun.id
      where throttled_key.queue = begun.queue and throttled_key.key = begun.dedupe_key;
    end if;
  exception when sqlstate 'SQ422' then
    return '[]';
  end;

  return coalesce((
    select jsonb_agg(jsonb_build_object('id', one.id, 'holder', replacement.holder))
    from jsonb_to_recordset(replaced) as replacement (id bigint, holder bigint)
    join unnest(last_ones) as final on final.id = replacement.id
    join unnest(insert_bursts.wanted) as one on one.dedupe_key = final.dedupe_key
  ), '[]');
end;
$$;

comment on function supaqueue_internal.insert_bursts(supaqueue.job[], interval, interval, interval) is 'Inserts jobs that are some of many with their dedupe_keys, all at once.';
