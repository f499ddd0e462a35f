-- prune: delete finished jobs that are older than their queue keeps them.
--
-- called by  people, too, by hand
-- reads      supaqueue.queue, and what is_needed and blocks_line read
-- writes     supaqueue.job, and with it supaqueue.attempt; supaqueue.batch; supaqueue.trouble
--
-- Returns how many jobs were deleted, at most `most`: a small batch, the oldest of
-- each queue first, by the index of finished jobs. Nobody waits: jobs that somebody
-- holds are left for the next time, as are those whose results a job may yet ask for, those that
-- keep others waiting in line, and copies of a failed job that is still there, since it could be copied again. A
-- batch goes with the last of its jobs.
--
-- A job that cannot be deleted, since a table of the user's refers to it or a trigger or a rule refuses or
-- passes it over, is set aside: the others are then deleted one by one, for two seconds at most. So are all where something
-- of the user's may take its time for each (is_watched).

create or replace function supaqueue.prune(most integer default 1000)
returns integer
language plpgsql
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
set enable_hashjoin = off
set enable_mergejoin = off
set enable_bitmapscan = off
set enable_material = off
set enable_sort = off
set jit = off
as $$
declare
  at constant timestamptz := clock_timestamp();
  size constant integer := least(greatest(prune.most, 0), 100000);
  aged bigint[];
  -- Null: not all at once.
  pruned integer;
  batches uuid[];
  alone_since timestamptz;
  one bigint;
  its_batch uuid;
begin
  if current_setting('transaction_isolation') <> 'read committed' then
    raise exception using
      errcode = 'SQ409',
      message = format('prune cannot run in a %s transaction, which sees old rows', current_setting('transaction_isolation')),
      hint = 'Call it in a transaction of its own. Nothing was changed.';
  end if;

  aged := array(
    select oldest.id
    -- In any order, so that no queue with much to delete stands in the way of the others for long.
    from (select queue.id, queue.keep_success, queue.keep_failed from supaqueue.queue order by random()) as queue
    cross join unnest(array['success', 'failed', 'cancelled']::supaqueue.job_status[]) as status
    cross join lateral (
      select job.id
      from supaqueue.job
      where job.queue = queue.id
        and job.status = status.status
        -- As the index says it.
        and job.status in ('success', 'failed', 'cancelled')
        and job.finished_at < at - least(
          case status.status when 'failed' then queue.keep_failed else queue.keep_success end, interval '1000 years'
        )
        and job.id not in (
          select trouble.job from supaqueue.trouble
          where trouble.kind = 'prune' and trouble.job is not null and trouble.next_try_at > at
        )
      order by job.finished_at
      limit size * 10
    ) as oldest
    limit size * 10
  );
  if aged = '{}' then
    return 0;
  end if;

  aged := array(
    select job.id
    from unnest(aged) with ordinality as entry (id, place)
    join supaqueue.job on job.id = entry.id
    where job.status in ('success', 'failed', 'cancelled')
      and not supaqueue_internal.is_needed(job.id)
      and not (job.status = 'failed' and supaqueue_internal.blocks_line(job))
      and not exists (select from supaqueue.job as original where original.id = job.retry_of)
    order by entry.place
    limit size
    for update of job skip locked
  );
  if aged = '{}' then
    return 0;
  end if;

  if not supaqueue_internal.is_watched() then
    begin
      with gone as (
        delete from supaqueue.job where job.id = any (aged) returning job.batch
      )
      select count(*), array_agg(distinct gone.batch) filter (where gone.batch is not null)
      into pruned, batches
      from gone;
      if pruned < cardinality(aged) then
        perform supaqueue_internal.refuse_unwritten('supaqueue.job');
      end if;
      perform supaqueue_internal.fire_deferred();
    exception when query_canceled or assert_failure or others then
      pruned := null;
      batches := null;
    end;
  end if;

  if pruned is null then
    pruned := 0;
    -- The wait for a row that somebody holds is over only now.
    alone_since := clock_timestamp();
    aged := array(
      select entry.id
      from unnest(aged) with ordinality as entry (id, place)
      left join supaqueue.trouble on trouble.kind = 'prune' and trouble.subject = entry.id::text
      -- Who takes all the time there is comes last.
      order by trouble.tries nulls first, entry.place
    );
    foreach one in array aged loop
      begin
        -- Where the table has a rule, "delete returning" is refused.
        its_batch := (select job.batch from supaqueue.job where job.id = one);
        delete from supaqueue.job where job.id = one;
        if exists (select from supaqueue.job where job.id = one) then
          perform supaqueue_internal.refuse_unwritten('supaqueue.job');
        end if;
        perform supaqueue_internal.fire_deferred();
        pruned := pruned + 1;
        batches := case when its_batch is null or its_batch = any (batches) then batches else batches || its_batch end;
      exception when query_canceled or assert_failure or others then
        perform supaqueue_internal.put_aside('prune', one::text, sqlstate, sqlerrm, job => one);
        exit when sqlstate = '57014';
      end;
      exit when clock_timestamp() > alone_since + interval '2 seconds';
    end loop;
  end if;
  delete from supaqueue.trouble
  where trouble.kind = 'prune' and trouble.job = any (aged) and not exists (select from supaqueue.job where job.id = trouble.job);

  if batches <> '{}' then
    batches := array(
      select batch.id from supaqueue.batch where batch.id = any (batches) order by batch.id for update skip locked
    );
    -- A statement of its own: it sees the jobs that came until just now.
    perform supaqueue_internal.forget_rows('supaqueue.batch', array(
      select batch.ctid from supaqueue.batch
      where batch.id = any (batches) and not exists (select from supaqueue.job where job.batch = batch.id)
    ));
  end if;

  return pruned;
end;
$$;

comment on function supaqueue.prune(integer) is 'Deletes finished jobs that are older than their queue keeps them. Returns how many.';
