-- why_stopped: reasons why a job waits, with those in front that stop its whole queue.
--
-- reads      what dispatch_faults, sweep_faults and is_served read, supaqueue.heartbeat, supaqueue.worker, supaqueue.job; locks nothing
--
-- `reasons` is what why_waiting found. While nothing of the queue can move, what would pass by itself in
-- a queue that moves is no reason: that others come first, or that all workers are taken. A queue stands still when
-- a job has been due for half a minute, a worker is free, and no run is there.

create or replace function supaqueue_internal.why_stopped(queue uuid, reasons jsonb)
returns jsonb
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  at constant timestamptz := clock_timestamp();
  platform constant jsonb := supaqueue_internal.platform_state();
  faults jsonb := '[]';
  awake constant boolean := exists (
    select from supaqueue.heartbeat
    where heartbeat.queue = why_stopped.queue and heartbeat.run is not null and heartbeat.awake_until > at
  );
  pulled constant boolean := exists (select from supaqueue.queue where queue.id = why_stopped.queue and queue.mode = 'pull');
  oldest timestamptz;
begin
  if not awake and not pulled then
    faults := (
      select coalesce(jsonb_agg(entry.value - '{severity, queue, code}'::text[] || jsonb_build_object(
        'code', case when entry.value ->> 'code' like 'sweep%' then 'sweep' else 'dispatch' end, 'fault', entry.value -> 'code'
      ) order by entry.place), '[]')
      from jsonb_array_elements(
        -- What a process serves needs no wake-up.
        case when supaqueue_internal.is_served(why_stopped.queue) then '[]' else supaqueue_internal.dispatch_faults(platform) end
        || supaqueue_internal.sweep_faults(platform) || supaqueue_internal.table_faults()
      ) with ordinality as entry (value, place)
      where entry.value ->> 'severity' = 'error'
    );
    if not faults @> '[{"code": "dispatch"}]'
      and not why_stopped.reasons @> '[{"code": "paused"}]'
      and not why_stopped.reasons @> '[{"code": "circuit"}]'
      and exists (select from supaqueue.worker where worker.queue = why_stopped.queue and not worker.locked)
      and supaqueue_internal.count_due(why_stopped.queue, at - interval '30 seconds') > 0
    then
      oldest := supaqueue_internal.oldest_due(why_stopped.queue);
      faults := faults || jsonb_build_object(
        'code', 'stands_still',
        'text', format(
          'its queue stands still: a job has been due for %s, a worker is free, and no run has come',
          supaqueue_internal.say_interval(at - oldest)
        ),
        'since', oldest, 'remedy', 'select supaqueue.sweep();'
      );
    end if;
  end if;
  if faults = '[]' then
    return why_stopped.reasons;
  end if;
  return faults || (
    select coalesce(jsonb_agg(reason.value order by reason.place), '[]')
    from jsonb_array_elements(why_stopped.reasons) with ordinality as reason (value, place)
    where reason.value ->> 'code' not in ('ahead', 'workers')
      -- Without any worker it would wait all the same.
      or reason.value ->> 'code' = 'workers' and reason.value ->> 'workers' = '0'
  );
end;
$$;

comment on function supaqueue_internal.why_stopped(uuid, jsonb) is 'Reasons why a job waits, with those in front that stop its whole queue.';
