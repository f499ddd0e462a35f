-- keep_schedules: enqueue the jobs whose time has come.
--
-- reads      supaqueue.queue
-- writes     supaqueue.schedule, supaqueue.job; supaqueue.trouble
--
-- Returns how many jobs were enqueued; the run_at of each is the time it came for.
-- Of times that nobody kept, since the sweep did not run, catch_up says which to make
-- up for: none (a time is missed after a minute), the last one, or all of them, at
-- most 1000 of a schedule at once and the others at the next sweep. Without overlap a
-- time that comes while the last job has not ended is not kept, and catch_up decides
-- what of it is made up for once that job has ended.
--
-- None is begun after a second, and where something of the user's may take its time for each job (is_watched), they come one by
-- one. Those left over come with the next sweep, those of queues that were slow last.
--
-- A schedule that somebody else holds, or whose queue is just being deleted, is passed
-- over; one whose job cannot be enqueued is set aside, and keeps no other from coming. One
-- without a next_at, as a restore may leave it, comes next from now on.

create or replace function supaqueue_internal.keep_schedules(at timestamptz default clock_timestamp(), most integer default 1000)
returns integer
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  begun_at constant timestamptz := clock_timestamp();
  watched boolean;
  size integer;
  started_at timestamptz;
  due supaqueue.schedule;
  busy boolean;
  latest timestamptz;
  kept timestamptz[];
  enqueued bigint;
  total integer := 0;
begin
  -- By an older picture a time could be kept twice.
  if current_setting('transaction_isolation') <> 'read committed' then
    return 0;
  end if;

  for due in
    select schedule.*
    from supaqueue.schedule
    join supaqueue.queue on queue.id = schedule.queue
    where schedule.enabled and (schedule.next_at <= keep_schedules.at or schedule.next_at is null)
      and schedule.id::text not in (
        select trouble.subject from supaqueue.trouble
        where trouble.kind = 'schedules' and trouble.next_try_at > clock_timestamp()
      )
    order by exists (select from supaqueue.trouble where trouble.kind = 'slow' and trouble.queue = schedule.queue), schedule.next_at
    limit keep_schedules.most
    for no key update of schedule skip locked
    for key share of queue skip locked
  loop
    started_at := clock_timestamp();
    begin
      if due.next_at is null then
        update supaqueue.schedule
        set next_at = supaqueue.next_time(due.cron, due.time_zone, keep_schedules.at)
        where schedule.id = due.id;
        delete from supaqueue.trouble where trouble.kind = 'schedules' and trouble.subject = due.id::text;
        continue;
      end if;

      watched := coalesce(watched, supaqueue_internal.is_watched());
      size := case when watched then 1 else 1000 end;
      busy := not due.overlap and exists (
        select from supaqueue.job
        where job.id = due.last_job and job.status in ('held', 'pending', 'in_progress')
      );
      latest := case when due.catch_up = 'all' then due.next_at
        else supaqueue_internal.last_time(due.cron, due.time_zone, due.next_at, keep_schedules.at) end;
      kept := case when not busy then array[latest] end;

      if due.catch_up = 'none' and latest <= keep_schedules.at - interval '1 minute' then
        kept := '{}';
      end if;
      if due.catch_up = 'all' and due.overlap then
        latest := supaqueue.next_time(due.cron, due.time_zone, latest);
        while latest <= keep_schedules.at and cardinality(kept) < 1000 loop
          kept := kept || latest;
          latest := supaqueue.next_time(due.cron, due.time_zone, latest);
        end loop;
        latest := kept[cardinality(kept)];
      end if;

      -- Null: it stays due, and is looked at again at the next sweep.
      if kept is not null then
        enqueued := null;
        for nth in 1 .. cardinality(kept) by size loop
          with entered as (
            insert into supaqueue.job (queue, payload, run_at)
            select due.queue, due.payload, moment
            from unnest(kept[nth : nth + size - 1]) as moment
            returning job.id
          )
          select max(entered.id) into enqueued from entered;
          if watched and nth < cardinality(kept) and supaqueue_internal.time_is_up(begun_at) then
            latest := kept[nth];
            kept := kept[1 : nth];
            exit;
          end if;
        end loop;

        update supaqueue.schedule
        set
          next_at = supaqueue.next_time(due.cron, due.time_zone, latest),
          last_at = coalesce(kept[cardinality(kept)], schedule.last_at),
          last_job = coalesce(enqueued, schedule.last_job)
        where schedule.id = due.id;
        -- Or it would come again with every sweep.
        if not found then
          perform supaqueue_internal.refuse_unwritten('supaqueue.schedule');
        end if;

        perform supaqueue_internal.fire_deferred('supaqueue.schedule');
        delete from supaqueue.trouble where trouble.kind = 'schedules' and trouble.subject = due.id::text;
        total := total + cardinality(kept);
        perform supaqueue_internal.note_pace(due.queue, clock_timestamp() - (clock_timestamp() - started_at) / greatest(cardinality(kept), 1)) where watched;
      end if;
    exception when query_canceled or assert_failure or others then
      perform supaqueue_internal.put_aside('schedules', due.id::text, sqlstate, sqlerrm, queue => due.queue);
      raise warning using
        errcode = 'SQ503',
        message = format('the job of the schedule %s could not be enqueued: %s', due.name, sqlerrm),
        hint = 'Its time is not lost: the next sweep tries again, later ones at growing distances. Fix what the message names.';
      exit when sqlstate = '57014';
    end;
    exit when supaqueue_internal.time_is_up(begun_at);
  end loop;

  delete from supaqueue.trouble
  where trouble.kind = 'schedules' and not exists (select from supaqueue.schedule where schedule.id::text = trouble.subject);
  return total;
end;
$$;

comment on function supaqueue_internal.keep_schedules(timestamptz, integer) is 'Enqueues the jobs of schedules whose time has come. Returns how many.';

insert into supaqueue.chore (name, place, routine) values ('schedules', 110, 'keep_schedules')
on conflict (name) do update set place = excluded.place, routine = excluded.routine;
