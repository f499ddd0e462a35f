-- fix_jobs: finished jobs that do not say when they ended, and ids that the sequence has
-- not given yet.
--
-- writes     supaqueue.job, supaqueue.trouble; the sequence of job.id
--
-- Without finished_at a job would never be pruned; an id ahead of the sequence, as a restore
-- of the data alone leaves it, would have inserts fail one day. By index, of five hundred
-- queues in each sweep, and none is begun after a second. Returns how many jobs were fixed.
--
-- Security definer: the sequence is its owner's.

create or replace function supaqueue_internal.fix_jobs(most integer default 1000)
returns integer
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
set enable_bitmapscan = off
set jit = off
as $$
declare
  begun_at constant timestamptz := clock_timestamp();
  from_queue uuid;
  queues uuid[];
  endless bigint[];
  one bigint;
  newest bigint;
  fixed integer := 0;
begin
  if current_setting('transaction_isolation') <> 'read committed' then
    return 0;
  end if;

  select chore.mark::uuid into from_queue from supaqueue.chore where chore.name = 'jobs';
  queues := array(
    select queue.id from supaqueue.queue where queue.id > from_queue or from_queue is null order by queue.id limit 500
  );
  update supaqueue.chore
  set mark = case when cardinality(queues) = 500 then queues[500]::text end
  where chore.name = 'jobs' and (chore.mark is not null or cardinality(queues) = 500);

  endless := array(
    select ended.id
    from unnest(queues) as home (id)
    cross join unnest(array['success', 'failed', 'cancelled']::supaqueue.job_status[]) as status
    cross join lateral (
      select job.id
      from supaqueue.job
      where job.queue = home.id
        and job.status = status.status
        and job.status in ('success', 'failed', 'cancelled')
        and job.finished_at is null
        and job.id not in (
          select trouble.job from supaqueue.trouble
          where trouble.kind = 'jobs' and trouble.job is not null and trouble.next_try_at > clock_timestamp()
        )
      limit fix_jobs.most
      for no key update skip locked
    ) as ended
    limit fix_jobs.most
  );
  foreach one in array endless loop
    begin
      update supaqueue.job set finished_at = clock_timestamp()
      where job.id = one and job.status in ('success', 'failed', 'cancelled') and job.finished_at is null;
      delete from supaqueue.trouble where trouble.kind = 'jobs' and trouble.subject = one::text;
      fixed := fixed + 1;
    exception when query_canceled or assert_failure or others then
      perform supaqueue_internal.put_aside('jobs', one::text, sqlstate, sqlerrm, job => one);
      exit when sqlstate = '57014';
    end;
    exit when supaqueue_internal.time_is_up(begun_at);
  end loop;

  -- The jobs first: of those that come in meanwhile, none is ahead of what the sequence has given by then. To set it back under a
  -- large insert would give ids twice.
  newest := (select max(job.id) from supaqueue.job);
  if newest > coalesce(pg_sequence_last_value('supaqueue.job_id_seq'), 0) then
    if newest < 4611686018427387904 then
      -- A thousand more, for who takes an id at this moment.
      perform setval('supaqueue.job_id_seq', greatest(newest + 1000, pg_sequence_last_value('supaqueue.job_id_seq')));
      fixed := fixed + 1;
    else
      perform supaqueue_internal.put_aside(
        'jobs', newest::text, 'SQ409', format('a job has the id %s, after which there are none: delete it', newest), job => newest
      );
    end if;
  end if;
  return fixed;
end;
$$;

comment on function supaqueue_internal.fix_jobs(integer) is 'Fixes jobs that ended without a time, and the sequence of ids. Returns how many.';

insert into supaqueue.chore (name, place, routine) values ('jobs', 160, 'fix_jobs')
on conflict (name) do update set place = excluded.place, routine = excluded.routine;
