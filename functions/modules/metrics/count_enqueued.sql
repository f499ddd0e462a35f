-- count_enqueued: counts the jobs that were inserted since the last time.
--
-- reads      supaqueue.job, by its primary key: each job once
-- writes     supaqueue.counter_delta, supaqueue.last_count; supaqueue.trouble
--
-- A trigger that counts would cost each insert a third of its time. Ids are given before
-- their transactions commit, so what is counted ends at a mark: the newest id at an
-- earlier sweep, once every transaction that had begun by then has ended. A long
-- one delays the count and falsifies nothing. A job that was deleted within these
-- seconds is not counted. At most `most` jobs; returns how many.

create or replace function supaqueue_internal.count_enqueued(most integer default 100000)
returns integer
language plpgsql
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
set jit = off
as $$
declare
  last supaqueue.last_count;
  counted integer := 0;
  counted_to bigint;
  queues uuid[];
  jobs integer[];
begin
  -- Whoever took the row away: what is there now is not counted twice.
  if not exists (select from supaqueue.last_count) and current_setting('transaction_isolation') = 'read committed' then
    insert into supaqueue.last_count (up_to) select coalesce(max(job.id), 0) from supaqueue.job on conflict do nothing;
  end if;
  -- Ids began anew.
  update supaqueue.last_count
  set up_to = coalesce((select max(job.id) from supaqueue.job), 0), mark = null
  where last_count.only_one = (select held.only_one from supaqueue.last_count as held for no key update skip locked)
    and last_count.up_to > supaqueue_internal.last_job_id();

  -- Two sweeps at once: the one that comes second has nothing to count.
  select * into last from supaqueue.last_count for no key update skip locked;
  if last.only_one is null or current_setting('transaction_isolation') <> 'read committed' then
    return 0;
  end if;

  -- A second, for who has taken an id and not yet begun to write.
  if last.mark is not null
    and last.marked_xact < pg_snapshot_xmin(pg_current_snapshot())
    and last.marked_at < clock_timestamp() - interval '1 second'
  then
    select coalesce(sum(grouped.jobs), 0), max(grouped.newest), array_agg(grouped.queue), array_agg(grouped.jobs)
    into counted, counted_to, queues, jobs
    from (
      select batch.queue, count(*)::integer as jobs, max(batch.id) as newest
      from (
        select job.id, job.queue from supaqueue.job
        where job.id > last.up_to and job.id <= last.mark
        order by job.id
        limit count_enqueued.most
      ) as batch
      group by batch.queue
    ) as grouped;
    begin
      insert into supaqueue.counter_delta (queue, enqueued) select * from unnest(queues, jobs);
      perform supaqueue_internal.fire_deferred('supaqueue.counter_delta');
    exception when query_canceled or assert_failure or others then
      -- One queue that cannot be counted stops no other: it is left out, and said so.
      for i in 1 .. coalesce(cardinality(queues), 0) loop
        begin
          insert into supaqueue.counter_delta (queue, enqueued) values (queues[i], jobs[i]);
          perform supaqueue_internal.fire_deferred('supaqueue.counter_delta');
        exception when query_canceled or assert_failure or others then
          perform supaqueue_internal.put_aside(
            'counters', queues[i]::text, sqlstate, format('jobs that were enqueued were not counted: %s', sqlerrm), queue => queues[i]
          );
        end;
      end loop;
    end;

    last.up_to := case when counted < count_enqueued.most then last.mark else counted_to end;
  end if;

  if last.mark is null or last.mark <= last.up_to then
    last.mark := (select max(job.id) from supaqueue.job where job.id > last.up_to);
    last.marked_at := clock_timestamp();
    last.marked_xact := pg_current_xact_id();
  end if;

  update supaqueue.last_count
  set up_to = last.up_to, mark = last.mark, marked_at = last.marked_at, marked_xact = last.marked_xact
  where (last_count.up_to, last_count.mark) is distinct from (last.up_to, last.mark);
  -- Or the same jobs would be counted with every sweep.
  if not found and exists (
    select from supaqueue.last_count where (last_count.up_to, last_count.mark) is distinct from (last.up_to, last.mark)
  ) then
    perform supaqueue_internal.refuse_unwritten('supaqueue.last_count');
  end if;
  return counted;
end;
$$;

comment on function supaqueue_internal.count_enqueued(integer) is 'Counts the jobs that were inserted since the last time. Returns how many.';

insert into supaqueue.chore (name, place, routine, times) values ('enqueued', 140, 'count_enqueued', 100)
on conflict (name) do update set place = excluded.place, routine = excluded.routine, times = excluded.times;
