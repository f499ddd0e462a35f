-- wake_queues: wake every queue that has work, a free worker and nobody awake.
--
-- reads      supaqueue.queue, and what needs_run reads
-- writes     supaqueue.heartbeat, pg_net's request queue; supaqueue.trouble
--
-- Planned jobs that are due, lost wake-ups, runs that died. Returns how many queues were woken. One that cannot be looked at is
-- set aside; the others are looked at one by one. All are woken; that they were is noted for a second, as a trigger may be slow.

create or replace function supaqueue_internal.wake_queues(most integer default 1000)
returns integer
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  begun_at constant timestamptz := clock_timestamp();
  candidates uuid[];
  needing uuid[] := '{}';
  one uuid;
  woken integer := 0;
begin
  candidates := array(
    select candidate.id
    from supaqueue.queue as candidate
    left join supaqueue.heartbeat on heartbeat.queue = candidate.id
    where (
        heartbeat.awake_until is null
        or heartbeat.awake_until <= clock_timestamp()
        -- The clock was set back: nobody keeps a queue awake for so long.
        or heartbeat.awake_until >= clock_timestamp() + interval '1 minute'
        -- A run was called and has not come: its wake-up is lost, unless it is still on its way.
        or heartbeat.run is null and heartbeat.woken_at <= clock_timestamp() - interval '1 second'
      )
      -- What is cheap comes first: most queues have nothing at all.
      and (
        exists (select from supaqueue.job where job.queue = candidate.id and job.status = 'pending')
        or exists (select from supaqueue.current_job where current_job.queue = candidate.id and current_job.dispatcher is null)
      )
      and not exists (
        select from supaqueue.trouble
        where trouble.kind = 'wake' and trouble.subject = candidate.id::text and trouble.next_try_at > clock_timestamp()
      )
  );

  begin
    needing := array(
      select candidate.id from supaqueue.queue as candidate
      where candidate.id = any (candidates) and supaqueue_internal.needs_run(candidate)
    );
    delete from supaqueue.trouble where trouble.kind = 'wake' and trouble.subject = any (candidates::text[]);
  exception when query_canceled or assert_failure or others then
    foreach one in array candidates loop
      begin
        if (select supaqueue_internal.needs_run(candidate) from supaqueue.queue as candidate where candidate.id = one) then
          needing := needing || one;
        end if;
        delete from supaqueue.trouble where trouble.kind = 'wake' and trouble.subject = one::text;
      exception when query_canceled or assert_failure or others then
        perform supaqueue_internal.put_aside('wake', one::text, sqlstate, sqlerrm, queue => one);
        exit when sqlstate = '57014';
      end;
    end loop;
  end;

  foreach one in array needing loop
    -- A wake-up that cannot be posted is awaited by nobody: whoever enqueues next tries again.
    if supaqueue_internal.wake(one) then
      woken := woken + 1;
      continue when supaqueue_internal.time_is_up(begun_at);
      begin
        update supaqueue.heartbeat
        set run = null, awake_until = clock_timestamp() + interval '5 seconds', woken_at = clock_timestamp()
        where heartbeat.queue = (
          select held.queue from supaqueue.heartbeat as held join supaqueue.queue as home on home.id = held.queue
          where held.queue = one for update of held skip locked for key share of home skip locked
        );
        perform supaqueue_internal.fire_deferred();
      exception when query_canceled or assert_failure or others then
        perform supaqueue_internal.put_aside('heartbeat', one::text, sqlstate, sqlerrm, queue => one);
      end;
    end if;
  end loop;
  return woken;
end;
$$;

comment on function supaqueue_internal.wake_queues(integer) is 'Wakes every queue that has work, a free worker and nobody awake. Returns how many.';

insert into supaqueue.chore (name, place, routine) values ('wake', 60, 'wake_queues')
on conflict (name) do update set place = excluded.place, routine = excluded.routine;
